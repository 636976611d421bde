import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AuthFunction, type Paginator, registerAuth, registerPaginator, secret } from "../../lib/config/index.ts";
import {
  isRegisteredAuth,
  isRegisteredPaginator,
  registeredAuth,
  registeredPaginator,
} from "../../lib/config/registry.ts";
import { builtInAuth, builtInPaginator } from "../../lib/config/schema/client.ts";

const byToken: Paginator<{ token_param: string }, { token: string }> = {
  first: () => ({ token: "" }),
  request: ({ token_param }, { token }) => ({ params: { [token_param]: token } }),
  next: () => ({ end: true }),
};
const signed: AuthFunction<{ key: unknown }> = (request) => request;

describe("what is registered", () => {
  test("is found by its name, and makes its config", () => {
    const paginator = registerPaginator("registry_by_token", byToken);
    expect(paginator({ token_param: "t" })).toEqual({ type: "registry_by_token", token_param: "t" });
    expect(registeredPaginator("registry_by_token")).toBe(byToken);

    const auth = registerAuth("registry_signed", signed);
    expect(auth({ key: secret("key") })).toEqual({ type: "registry_signed", key: { secret: "key" } });
    expect(registeredAuth("registry_signed")).toBe(signed);
  });

  test("is of its kind only: a paginator is no auth, and no name is one by inheritance", () => {
    registerPaginator("registry_kind", byToken);
    expect(isRegisteredPaginator("registry_kind")).toBe(true);
    expect(isRegisteredAuth("registry_kind")).toBe(false);
    for (const name of ["constructor", "toString", undefined, null, 5]) {
      expect(isRegisteredPaginator(name)).toBe(false);
      expect(isRegisteredAuth(name)).toBe(false);
    }
  });

  test("what is not is told", () => {
    expect(() => registeredPaginator("pages")).toThrow(
      expect.objectContaining({ name: "ConfigError", message: 'there is no paginator named "pages"' }),
    );
    expect(() => registeredAuth("digest")).toThrow(
      expect.objectContaining({ name: "ConfigError", message: 'there is no auth named "digest"' }),
    );
  });
});

describe("names", () => {
  const typesOf = (union: z.ZodType): string[] => {
    const { oneOf = [] } = z.toJSONSchema(union, { io: "input", unrepresentable: "any" });
    return oneOf.map(({ properties }) => String((properties?.type as { const?: string } | undefined)?.const));
  };

  test("of the dialect itself cannot be taken", () => {
    const taken = [...typesOf(builtInPaginator), ...typesOf(builtInAuth)];
    expect(taken).toHaveLength(13);
    for (const name of taken) {
      expect(() => registerPaginator(name, byToken)).toThrow(
        `no paginator of one's own can be named ${name}: the dialect has that`,
      );
      expect(() => registerAuth(name, signed)).toThrow(
        `no auth of one's own can be named ${name}: the dialect has that`,
      );
    }
  });

  test("two of one name are refused; the same one again, as by a second import, is not", () => {
    registerPaginator("registry_twice", byToken);
    registerPaginator("registry_twice", byToken);
    expect(() => registerPaginator("registry_twice", { ...byToken })).toThrow(
      "the paginator registry_twice is there already: another source of this project registered it",
    );
    registerAuth("registry_twice", signed);
    registerAuth("registry_twice", signed);
    expect(() => registerAuth("registry_twice", (request) => request)).toThrow(
      /the auth registry_twice is there already: another source of this project registered it/,
    );
    expect(registeredPaginator("registry_twice")).toBe(byToken);
  });
});
