import type { Guard } from "./guards.ts";

const ORIGINS = "test/field/origins.test.ts";
const SECRETS = "test/field/secrets.test.ts";

/** Guards of secrets: what is masked, where they are sent, and what is stored. */
export const SECRET_GUARDS: Guard[] = [
  {
    guard: "no request is built from a masked value",
    file: "lib/extract/mask-records.ts",
    find: "    checkUses(resource, record, safe);\n",
    replace: "",
    test: { file: SECRETS, title: "of a child's URL is an error, and no request is built from ***" },
  },
  {
    guard: "a secret that is ordinary data is not masked in rows",
    file: "lib/secrets/index.ts",
    find: "redactor.add(found, { in_data: isKey });",
    replace: "redactor.add(found);",
    test: { file: SECRETS, title: "is in the rows, and in the requests that are built from them" },
  },
  {
    guard: "no position holds a key",
    file: "lib/extract/next-position.ts",
    find: "if (!holdsKey([decided, selector])) return;",
    replace: "return;",
    test: { file: SECRETS, title: "is refused where it would be the name of the rows' list" },
  },
  {
    guard: "inherited secrets are not sent to another origin",
    file: "lib/config/other-origin.ts",
    find: "if (other_origin === null || other_origin.sends_auth)",
    replace: "if (other_origin !== undefined)",
    test: {
      file: ORIGINS,
      title: "gets no auth, secret header or secret parameter of the client and the defaults",
    },
  },
  {
    guard: "a Lambda requests no private address",
    file: "lib/http/public-fetch.ts",
    find: "if (kind !== null && !isAllowed(address, kind)) throw refused(host, address, kind);",
    replace: "",
    test: { file: ORIGINS, title: "is an error that names the setting, without a retry" },
  },
  {
    guard: "a refresh token that rotates is stored",
    file: "lib/http/token-auths.ts",
    find: "if ((await secrets.get(secret)) !== refresh_token) await secrets.put(secret, refresh_token);",
    replace: "",
    test: {
      file: "test/field/auth.test.ts",
      title: "stores a refresh token that rotates, so that the next run has it",
    },
  },
  {
    guard: "the error of a Lambda is redacted",
    file: "lib/aws/handler.ts",
    find: "redactor.redact(error.message).slice",
    replace: "error.message.slice",
    test: {
      file: "test/run/handler-redaction.test.ts",
      title: "the error of a Lambda has its name, and its message and stack are redacted",
    },
  },
];
