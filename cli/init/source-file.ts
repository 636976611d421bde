import { stringify } from "yaml";
import type { Answers } from "./answers.ts";

/** A secret in a config of either format. */
const secretField = (name: string) => ({ secret: name });

/** The auth of a config by its kind; null for none. */
const AUTHS = {
  none: null,
  bearer: { type: "bearer", token: secretField("token") },
  api_key: { type: "api_key", name: "x-api-key", api_key: secretField("api_key"), location: "header" },
  basic: { type: "http_basic", username: secretField("username"), password: secretField("password") },
} as const;

/** Returns the names of the secret's fields that an auth needs. */
export const secretFields = (auth: Answers["auth"]): string[] =>
  Object.values(AUTHS[auth] ?? {}).flatMap((value) => (typeof value === "object" ? [value.secret] : []));

/** Returns the name of a resource for a path: `v1/order-items` -> `order_items`. */
export const resourceName = (path: string): string => {
  const last =
    path
      .split(/[?#]/)[0]
      ?.split("/")
      .findLast((part) => /[a-z]/i.test(part)) ?? "";
  return (
    last
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "_")
      .replaceAll(/^_+|_+$/g, "") || "items"
  );
};

const configOf = ({ base_url, path, auth }: Answers) => ({
  client: { base_url, ...(AUTHS[auth] && { auth: AUTHS[auth] }) },
  resources: [{ name: resourceName(path), endpoint: { path } }],
});

/** Writes a config as TypeScript: keys without quotes, and secrets by their function. */
const asTypeScript = (value: unknown, indent = "  "): string => {
  if (Array.isArray(value)) return `[${value.map((item) => asTypeScript(item, indent)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if ("secret" in value) return `secret(${JSON.stringify(value.secret)})`;
  const lines = Object.entries(value).map(
    ([key, inner]) => `${indent}  ${key}: ${asTypeScript(inner, `${indent}  `)},\n`,
  );
  return `{\n${lines.join("")}${indent}}`;
};

/** Returns path and text of the file of the new project's source. */
export const sourceFile = (answers: Answers): [path: string, text: string] => {
  const stem = `functions/${answers.name.replaceAll("_", "-")}`;
  const config = configOf(answers);
  if (answers.format === "yaml") {
    const schema = "# yaml-language-server: $schema=../node_modules/restlake/schema.json\n";
    return [`${stem}.yaml`, `${schema}${stringify(config)}`];
  }
  const names = answers.auth === "none" ? "defineSource" : "defineSource, secret";
  return [
    `${stem}.ts`,
    `import { ${names} } from "restlake";\n\nexport const source = defineSource(${asTypeScript({ name: answers.name, ...config }, "")});\n`,
  ];
};
