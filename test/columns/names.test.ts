import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnName, declaredName, snakeCase } from "../../lib/columns/names.ts";

describe("snakeCase, as in dlt,", () => {
  // The expected values are dlt's names for columns.
  test.each([
    ["Contact for Item", "contact_for_item"],
    ["trialing?", "trialingx"],
    ["camelCase", "camel_case"],
    ["CamelCase", "camel_case"],
    ["HTTPResponse", "http_response"],
    ["getHTTPResponseCode", "get_http_response_code"],
    ["get2HTTPResponseCode", "get2_http_response_code"],
    ["HTTPResponseCodeXYZ", "http_response_code_xyz"],
    ["Camel2Camel2Case", "camel2_camel2_case"],
    ["userID", "user_id"],
    ["userIDs", "user_i_ds"],
    ["ID", "id"],
    ["OAuth2Token", "o_auth2_token"],
    ["eBayItemID", "e_bay_item_id"],
    ["SCREAMING_SNAKE", "screaming_snake"],
    ["mixedUP_Case", "mixed_up_case"],
    ["already_snake_case", "already_snake_case"],
    ["a-b", "a_b"],
    ["X-Request-Id", "x_request_id"],
    ["@x", "ax"],
    ["@odata.type", "aodata_type"],
    ["a|b", "alb"],
    ["x+y", "xxy"],
    ["x*y", "xxy"],
    ["C++", "cxx"],
    ["event-.!:*<>value", "event_x_value"],
    ["price (EUR)", "price_eurx"],
    ["100%", "_100x"],
    ["123BANANA", "_123_banana"],
    ["1event_n'", "_1event_nx"],
    ["_id", "_id"],
    ["__id", "id"],
    ["_Field", "_field"],
    ["id_", "idx"],
    ["id__", "id"],
    ["tax%_", "taxxx"],
    ["event__value", "event__value"],
    ["a____b", "a__b"],
    ["c___d", "c___d"],
    ["A__B", "a__b"],
    ["a-_b", "a_b"],
    ["a___", "a__x"],
    ["__proto__", "proto"],
    ["constructor", "constructor"],
    [" padded ", "padded"],
    ["a b  c", "a_b_c"],
    ["a\nb", "a_b"],
    ["a\u0000b", "a_b"],
    ["a😀b", "a_b"],
    ["a😀", "ax"],
    ["😀", "x"],
    ["名前", "x"],
    ["$", "x"],
    ["_", "x"],
    ["__", "x"],
    ["_____", "x"],
  ])("converts %j to %s", (key, name) => {
    expect(snakeCase(key)).toBe(name);
  });

  // Different from dlt on purpose: dlt converts Größe to gr_e and rejects an empty key.
  test.each([
    ["naïve café", "naive_cafe"],
    ["Größe", "gro_e"],
    ["é", "e"],
    ["ﬁn", "fin"],
    ["", "x"],
    ["   ", "x"],
  ])("converts %j to %s: letters lose their accents, and an empty key becomes x", (key, name) => {
    expect(snakeCase(key)).toBe(name);
  });
});

test("any key becomes a lower-case identifier, and converting it again changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aB1_-+ @|éß½😀Z%"') }), (key) => {
      const name = snakeCase(key);
      expect(name).toMatch(/^[a-z_][a-z0-9_]*$/);
      expect(name).not.toMatch(/_$|____/);
      expect(snakeCase(name)).toBe(name);
    }),
  );
});

describe("columns", () => {
  test("have the keys of a path joined by __", () => {
    expect(columnName(["shipTo", "Postal Code", "v2"])).toBe("ship_to__postal_code__v2");
  });

  test("are shared by a path and the key that spells it with __, as in dlt", () => {
    expect(columnName(["a__b"])).toBe("a__b");
    expect(columnName(["a", "b"])).toBe("a__b");
    expect(columnName(["a", "_b"])).toBe("a___b");
  });

  test("have at most 127 characters, with a hash that keeps long names unique and stable", () => {
    const long = `${"a".repeat(100)}b${"c".repeat(100)}`;
    const other = `${"a".repeat(100)}x${"c".repeat(100)}`;
    const name = columnName([long]);
    expect(name).toHaveLength(127);
    expect(name).toMatch(/^a{58}_[0-9a-f]{10}_c{57}$/);
    expect(columnName([long])).toBe(name);
    expect(columnName([other])).not.toBe(name);
    expect(columnName(["a".repeat(127)])).toBe("a".repeat(127));
    expect(columnName(["a".repeat(128)])).toHaveLength(127);
  });

  test.each([
    ["orderDate", "order_date"],
    ["order_date", "order_date"],
    ["address__postalCode", "address__postal_code"],
    ["a__b__c", "a__b__c"],
    ["_id", "_id"],
    ["__id", "id"],
    ["_ids__", "_ids"],
  ])("are declared in the config as %s for the column %s", (name, column) => {
    expect(declaredName(name)).toBe(column);
  });
});
