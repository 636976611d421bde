import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { grantsOf, may, type Role } from "../infra/guarded-bucket.ts";
import { type CompiledTemplate, ofType } from "../infra/package.fixture.ts";

/** What a function asked of AWS: an action, and the key in the lake or the secret's id in the template. */
interface Call {
  action: string;
  target: string;
}

/** What stands between one function and AWS, in place of IAM, which the emulator does not enforce. */
export interface Gate {
  /** The function's AWS_ENDPOINT_URL. */
  url: string;
  role: Role;
  /** Grants of the role that a call made use of: `action pattern`. */
  used: Set<string>;
  /** Calls that the role does not allow: `action target`. */
  denied: string[];
}

/** The gates of a stack, by the function's id in the template. */
export interface Gates {
  byFunction: Map<string, Gate>;
  close(): Promise<void>;
}

/** Where the calls go, and what they can be about. */
export interface Behind {
  /** The emulator. */
  url: string;
  template: CompiledTemplate;
  /** Name of the lake's bucket; known only once the stack is there. */
  lake: () => string;
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** What IAM would look for; a call that is none of restlake's is answered with its own words, which no role has. */
const callsOf = ({ method = "", url = "", headers }: IncomingMessage, body: Buffer, behind: Behind): Call[] => {
  const operation = headers["x-amz-target"];
  if (operation !== undefined) {
    const { SecretId } = JSON.parse(body.toString()) as { SecretId?: string };
    const secrets = Object.entries(ofType(behind.template, "AWS::SecretsManager::Secret"));
    const [id = String(SecretId)] = secrets.find(([, { Properties }]) => Properties.Name === SecretId) ?? [];
    return [{ action: String(operation), target: id }].map((call) => ({
      ...call,
      action: call.action.replace(/^secretsmanager\./, "secretsmanager:"),
    }));
  }
  const { pathname } = new URL(url, behind.url);
  const [bucket, ...path] = decodeURIComponent(pathname.slice(1)).split("/");
  const target = path.join("/");
  if (bucket !== behind.lake() || target === "") return [{ action: `${method} ${url}`, target: "" }];
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
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  return { answer, content: await bodyOf(answer) };
};

const refuse = (response: ServerResponse, isS3: boolean) => {
  const [type, text] = isS3
    ? ["application/xml", "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"]
    : ["application/x-amz-json-1.1", '{"__type":"AccessDeniedException","Message":"not authorized"}'];
  response.writeHead(isS3 ? 403 : 400, { "content-type": type }).end(text);
};

const pass = async (incoming: IncomingMessage, response: ServerResponse, gate: Gate, behind: Behind): Promise<void> => {
  const body = await bodyOf(incoming);
  const calls = callsOf(incoming, body, behind);
  const isS3 = incoming.headers["x-amz-target"] === undefined;
  const mayAll = (all: Call[]) => {
    const refused = all.filter(({ action, target }) => !may(gate.role, action, target, gate.used));
    gate.denied.push(...refused.map(({ action, target }) => `${action} ${target}`));
    return refused.length === 0;
  };
  if (!mayAll(calls)) return refuse(response, isS3);
  const { answer, content } = await forward(incoming, body, behind.url);
  const isAbsent = isS3 && answer.statusCode === 404;
  // To whom may not list it, S3 does not tell that a key is absent.
  if (isAbsent && !mayAll(calls.map(({ target }) => ({ action: "s3:ListBucket", target }))))
    return refuse(response, isS3);
  const { "transfer-encoding": _whole, connection: _own, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 500, headers).end(content);
};

/** Every function of a template gets a gate, through which it may do what its role in the template says, and nothing else. */
export const startGates = async (behind: Behind): Promise<Gates> => {
  const byFunction = new Map<string, Gate>();
  const servers: ReturnType<typeof createServer>[] = [];
  for (const [id, { Properties }] of Object.entries(ofType(behind.template, "AWS::Lambda::Function"))) {
    const [roleId] = (Properties.Role as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"];
    const role = behind.template.Resources[roleId] as unknown as Role;
    if (grantsOf(role).length === 0) throw new Error(`${roleId} grants nothing`);
    const gate: Gate = { url: "", role, used: new Set(), denied: [] };
    const server = createServer((incoming, response) => {
      pass(incoming, response, gate, behind).catch((error: Error) => {
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
