import { expect, test } from "vitest";
import { createCookies } from "../../lib/http/cookies.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { silentAlarm } from "../fake-clock.ts";

const HERE = new URL("https://api.test/v1/rows");

const start = (now = 0) => {
  const time = { now };
  const redactor = createRedactor();
  const clock = { now: () => time.now, sleep: async () => {}, alarm: silentAlarm, random: () => 0 };
  const cookies = createCookies({ clock, redactor });
  return {
    time,
    redactor,
    set(...lines: string[]) {
      cookies.store(HERE, new Headers(lines.map((line): [string, string] => ["set-cookie", line])));
    },
    sent: (url: string, own?: string) =>
      cookies.withCookies(new URL(url, HERE), own === undefined ? {} : { cookie: own }).cookie,
  };
};

test("cookies go back to their origin only", () => {
  const { set, sent } = start();
  set("a=1; Path=/", "b=2; Path=/; Domain=api.test", "c=3; Path=/; Domain=.test");
  expect(sent("/")).toBe("a=1; b=2; c=3");
  for (const other of ["https://other.test/", "http://api.test/", "https://api.test:444/", "https://x.api.test/"]) {
    expect(sent(other)).toBeUndefined();
  }
});

test.each(["a", "=1", "a=1; Domain=other.test", "a=1; Domain=xapi.test", `a=${"x".repeat(5000)}`, "a=é"])(
  "%s is not kept",
  (line) => {
    const { set, sent } = start();
    set(line);
    expect(sent("/v1/rows")).toBeUndefined();
  },
);

test("a cookie is sent below its path, the most specific one first", () => {
  const { set, sent } = start();
  set("root=1; Path=/", "own=2", "other=3; Path=/v2");
  expect(sent("/v1/rows?page=2")).toBe("own=2; root=1");
  expect(sent("/v10")).toBe("root=1");
  expect(sent("/v2")).toBe("other=3; root=1");
});

test("a cookie ends at its time, which Max-Age decides before Expires, and when it is removed", () => {
  const { set, sent, time } = start();
  set(
    "a=1; Path=/; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "b=2; Path=/; Expires=Thu, 01 Jan 1970 00:00:20 GMT",
  );
  expect(sent("/")).toBe("a=1; b=2");
  time.now = 10_000;
  expect(sent("/")).toBe("b=2");
  set("b=; Path=/; Max-Age=0");
  expect(sent("/")).toBeUndefined();
});

test("a secure cookie is not sent by http", () => {
  const redactor = createRedactor();
  const clock = { now: () => 0, sleep: async () => {}, alarm: silentAlarm, random: () => 0 };
  const cookies = createCookies({ clock, redactor });
  const url = new URL("http://api.test/");
  cookies.store(url, new Headers([["set-cookie", "a=1; Secure"]]));
  expect(cookies.withCookies(url, {})).toEqual({});
});

test("a cookie of the request takes precedence", () => {
  const { set, sent } = start();
  set("a=1; Path=/", "b=2; Path=/");
  expect(sent("/", "a=own; c=3")).toBe("a=own; c=3; b=2");
});

test("a cookie that scripts cannot read is masked, like a key", () => {
  const { set, redactor } = start();
  set("sid=session-0123456789; HttpOnly", "lang=german-0123456789");
  expect(redactor.redactData(["session-0123456789", "german-0123456789"])).toEqual(["***", "german-0123456789"]);
});

test("the number of cookies is limited", () => {
  const { set, sent } = start();
  set(...Array.from({ length: 1000 }, (_, index) => `a${index}=1; Path=/; HttpOnly`));
  expect(sent("/")?.split("; ")).toHaveLength(180);
});
