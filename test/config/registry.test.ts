import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AuthFunction, type Paginator, registerAuth, registerPaginator, secret } from "../../lib/config/index.ts";
import {
  isRegisteredAuth,
  isRegisteredPaginator,
  registeredAuth,
  registeredPaginator,
} from "../../lib/config/registry.ts";
import { builtInAuth } from "../../lib/config/schema/auth-types.ts";
import { builtInPaginator } from "../../lib/config/schema/paginator-types.ts";

const byToken: Paginator<{ token_param: string }, { token: string }> = {
  first: () => ({ token: "" }),
  request: ({ token_param }, { token }) => ({ params: { [token_param]: token } }),
  next: () => ({ end: true }),
};
const signed: AuthFunction<{ key: unknown }> = (request) => request;

describe("a registered paginator or auth", () => {
  test("is found by name, and has a factory for its config", () => {
    const paginator = registerPaginator("registry_by_token", byToken);
    expect(paginator({ token_param: "t" })).toEqual({ type: "registry_by_token", token_param: "t" });
    expect(registeredPaginator("registry_by_token")).toBe(byToken);

    const auth = registerAuth("registry_signed", signed);
    expect(auth({ key: secret("key") })).toEqual({ type: "registry_signed", key: { secret: "key" } });
    expect(registeredAuth("registry_signed")).toBe(signed);
  });

  test("is registered for its kind only, and properties of every object are not registered", () => {
    registerPaginator("registry_kind", byToken);
    expect(isRegisteredPaginator("registry_kind")).toBe(true);
    expect(isRegisteredAuth("registry_kind")).toBe(false);
    for (const name of ["constructor", "toString", undefined, null, 5]) {
      expect(isRegisteredPaginator(name)).toBe(false);
      expect(isRegisteredAuth(name)).toBe(false);
    }
  });

  test("that does not exist is an error", () => {
    expect(() => registeredPaginator("pages")).toThrow(
      expect.objectContaining({
        name: "ConfigError",
        message: 'unknown paginator "pages": register it with registerPaginator',
      }),
    );
    expect(() => registeredAuth("digest")).toThrow(
      expect.objectContaining({ name: "ConfigError", message: 'unknown auth "digest": register it with registerAuth' }),
    );
  });
});

describe("registering a name", () => {
  const typesOf = (union: z.ZodType): string[] => {
    const { oneOf = [] } = z.toJSONSchema(union, { io: "input", unrepresentable: "any" });
    return oneOf.map(({ properties }) => String((properties?.type as { const?: string } | undefined)?.const));
  };

  test("of a built-in type is an error", () => {
    const builtIn = [...typesOf(builtInPaginator), ...typesOf(builtInAuth)];
    expect(builtIn).toHaveLength(15);
    for (const name of builtIn) {
      expect(() => registerPaginator(name, byToken)).toThrow(
        `paginator name "${name}" is a built-in type: use another name`,
      );
      expect(() => registerAuth(name, signed)).toThrow(`auth name "${name}" is a built-in type: use another name`);
    }
  });

  test("twice is an error, unless it is the same value, as after a second import", () => {
    registerPaginator("registry_twice", byToken);
    registerPaginator("registry_twice", byToken);
    expect(() => registerPaginator("registry_twice", { ...byToken })).toThrow(
      'paginator "registry_twice" is already registered by another source: use another name',
    );
    registerAuth("registry_twice", signed);
    registerAuth("registry_twice", signed);
    expect(() => registerAuth("registry_twice", (request) => request)).toThrow(
      'auth "registry_twice" is already registered by another source: use another name',
    );
    expect(registeredPaginator("registry_twice")).toBe(byToken);
  });
});
