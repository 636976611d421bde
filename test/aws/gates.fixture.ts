import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { grantsOf, may, type Role } from "../infra/guarded-bucket.ts";
import { type CompiledTemplate, ofType } from "../infra/package.fixture.ts";

/** A call to AWS: the action, and the key in the lake or the secret's id in the template. */
interface Call {
  action: string;
  target: string;
}

/** A proxy between one function and AWS that enforces the role: the emulator does not enforce IAM. */
export interface Gate {
  /** The function's AWS_ENDPOINT_URL. */
  url: string;
  role: Role;
  /** Grants of the role that a call used: `action pattern`. */
  used: Set<string>;
  /** Calls that the role does not allow: `action target`. */
  denied: string[];
}

/** The gates of a stack, by the function's id in the template. */
export interface Gates {
  byFunction: Map<string, Gate>;
  close(): Promise<void>;
}

/** Target of the gates' calls. */
export interface Backend {
  /** The emulator. */
  url: string;
  template: CompiledTemplate;
  /** Returns the name of the lake's bucket, which is known only after the deployment. */
  lake: () => string;
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** Returns the actions that IAM would check. An unknown call becomes an action that no role allows. */
const callsOf = ({ method = "", url = "", headers }: IncomingMessage, body: Buffer, backend: Backend): Call[] => {
  const operation = headers["x-amz-target"];
  if (operation !== undefined) {
    const { SecretId } = JSON.parse(body.toString()) as { SecretId?: string };
    const secrets = Object.entries(ofType(backend.template, "AWS::SecretsManager::Secret"));
    const [id = String(SecretId)] = secrets.find(([, { Properties }]) => Properties.Name === SecretId) ?? [];
    return [{ action: String(operation), target: id }].map((call) => ({
      ...call,
      action: call.action.replace(/^secretsmanager\./, "secretsmanager:"),
    }));
  }
  const { pathname } = new URL(url, backend.url);
  const [bucket, ...path] = decodeURIComponent(pathname.slice(1)).split("/");
  const target = path.join("/");
  if (bucket !== backend.lake() || target === "") return [{ action: `${method} ${url}`, target: "" }];
  if (method === "GET" || method === "HEAD") return [{ action: "s3:GetObject", target }];
  if (method !== "PUT") return [{ action: `s3:${method}`, target }];
  const put = { action: "s3:PutObject", target };
  return headers["if-match"] === undefined ? [put] : [put, { action: "s3:GetObject", target }];
};

const agent = new Agent({ keepAlive: true });

const forward = async (incoming: IncomingMessage, body: Buffer, to: string) => {
  const { expect: _done, "transfer-encoding": _whole, ...headers } = incoming.headers;
  const outgoing = request(new URL(incoming.url ?? "/", to), {
    method: incoming.method,
    headers: { ...headers, "content-length": body.length },
    agent,
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return { response, content: await bodyOf(response) };
};

const refuse = (response: ServerResponse, isS3: boolean) => {
  const [type, text] = isS3
    ? ["application/xml", "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"]
    : ["application/x-amz-json-1.1", '{"__type":"AccessDeniedException","Message":"not authorized"}'];
  response.writeHead(isS3 ? 403 : 400, { "content-type": type }).end(text);
};

const pass = async (
  incoming: IncomingMessage,
  response: ServerResponse,
  gate: Gate,
  backend: Backend,
): Promise<void> => {
  const body = await bodyOf(incoming);
  const calls = callsOf(incoming, body, backend);
  const isS3 = incoming.headers["x-amz-target"] === undefined;
  const mayAll = (all: Call[]) => {
    const refused = all.filter(({ action, target }) => !may(gate.role, action, target, gate.used));
    gate.denied.push(...refused.map(({ action, target }) => `${action} ${target}`));
    return refused.length === 0;
  };
  if (!mayAll(calls)) return refuse(response, isS3);
  const { response: original, content } = await forward(incoming, body, backend.url);
  const isAbsent = isS3 && original.statusCode === 404;
  // S3 returns 403 instead of 404 to a role that may not list the bucket.
  if (isAbsent && !mayAll(calls.map(({ target }) => ({ action: "s3:ListBucket", target }))))
    return refuse(response, isS3);
  const { "transfer-encoding": _whole, connection: _own, ...headers } = original.headers;
  response.writeHead(original.statusCode ?? 500, headers).end(content);
};

/** Starts a gate for every function of a template. A gate allows what the function's role allows, and nothing else. */
export const startGates = async (backend: Backend): Promise<Gates> => {
  const byFunction = new Map<string, Gate>();
  const servers: ReturnType<typeof createServer>[] = [];
  for (const [id, { Properties }] of Object.entries(ofType(backend.template, "AWS::Lambda::Function"))) {
    const [roleId] = (Properties.Role as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"];
    const role = backend.template.Resources[roleId] as unknown as Role;
    if (grantsOf(role).length === 0) throw new Error(`${roleId} grants nothing`);
    const gate: Gate = { url: "", role, used: new Set(), denied: [] };
    const server = createServer((incoming, response) => {
      pass(incoming, response, gate, backend).catch((error: Error) => {
        gate.denied.push(`${incoming.method} ${incoming.url}: ${error.message}`);
        response.destroy();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    gate.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    servers.push(server);
    byFunction.set(id, gate);
  }
  const close = async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    agent.destroy();
  };
  return { byFunction, close };
};
