import { JSONPathNodeList, jsonpath } from "json-p3";
import { ConfigError } from "../errors/index.ts";
import { operandOf } from "./filter-expressions.ts";
import type { JsonObject } from "./index.ts";
import { kindOf } from "./kind.ts";
import { compileQuery, environment, evaluationError } from "./path.ts";

const { expressions, selectors } = jsonpath;
type Expression = InstanceType<typeof expressions.FilterExpression>;
type Comparison = InstanceType<typeof expressions.InfixExpression>;
type Query = InstanceType<typeof expressions.FilterQuery>;

/** A field that a filter tests. */
export interface TestedField {
  /** The path as the filter has it: `@.status`. */
  text: string;
  isIn(row: JsonObject): boolean;
}

/** A filter expression (RFC 9535, 2.3.5) that tests rows. `@` is the row, and so is `$`. */
export interface RowFilter {
  keeps(row: JsonObject): boolean;
  readonly fields: readonly TestedField[];
  /**
   * Returns why the result for a row may not be what the author expects; null if nothing shows it: values of two types are
   * never equal and have no order, and a field alone tests whether it exists, also where it is false or null.
   */
  warningAbout(row: JsonObject): string | null;
}

const HINTS: readonly [RegExp, string][] = [
  [/^\s*lambda\b|=>/, "a function needs a config in TypeScript"],
  [/^\s*(?:\$?\s*\[|\?)/, "write the expression alone, without [? and ]"],
  [/\s(?:and|or|in)\s|^\s*not\s/, "write &&, || and !, and compare with each value"],
  [/\b(?:True|False|None)\b/, "write true, false and null"],
  [/(?:^|[\s(!&|])[A-Za-z_][\w.]*\s*[=<>!]/, "a field begins with @, as in @.id > 1"],
  [/[^=<>!]=(?!=)/, "a filter compares with =="],
];

/** The parts of an expression that test a field. */
interface Tests {
  comparisons: Comparison[];
  /** Queries that test whether a field exists. */
  existence: Query[];
  queries: Query[];
}

/** Returns the parts of an expression that are tests themselves: none for a comparison and a query. */
const innerTests = (expression: Expression): Expression[] => {
  if (expression instanceof expressions.LogicalExpression) return [expression.expression];
  if (expression instanceof expressions.PrefixExpression) return [expression.right];
  const isLogical = expression instanceof expressions.InfixExpression && expression.logical;
  return isLogical ? [expression.left, expression.right] : [];
};

/** Returns the operands of a comparison, or the arguments of a function. */
const operandsOf = (expression: Expression): Expression[] => {
  if (expression instanceof expressions.FunctionExtension) return expression.args;
  const isComparison = expression instanceof expressions.InfixExpression && !expression.logical;
  return isComparison ? [expression.left, expression.right] : [];
};

const isQuery = (expression: Expression): expression is Query => expression instanceof expressions.FilterQuery;

const testsOf = (expression: Expression): Tests => {
  const inner = innerTests(expression).map(testsOf);
  const operands = operandsOf(expression);
  const inFunctions = operands.filter((operand) => operandsOf(operand).length > 0).map(testsOf);
  const isComparison = expression instanceof expressions.InfixExpression && !expression.logical;
  const all = [...inner, ...inFunctions];
  return {
    comparisons: [...all.flatMap(({ comparisons }) => comparisons), ...(isComparison ? [expression] : [])],
    existence: [...all.flatMap(({ existence }) => existence), ...(isQuery(expression) ? [expression] : [])],
    queries: [...all.flatMap(({ queries }) => queries), ...[expression, ...operands].filter(isQuery)],
  };
};

const contextOf = (row: JsonObject) => {
  const value = row as never;
  return { environment, currentValue: value, rootValue: value, lazy: true };
};

/** Returns the type of a value that comparisons need to be equal; null where any type may be compared, as with null. */
const comparedType = (value: unknown): string | null => {
  const type = typeof value === "bigint" ? "number" : typeof value;
  return ["number", "string", "boolean"].includes(type) ? type : null;
};

/** Returns the compared query, its value, and the type of the other side; null if no side is a query. */
const comparedField = ({ left, right }: Comparison, row: JsonObject) => {
  const [query, other] = left instanceof expressions.FilterQuery ? [left, right] : [right, left];
  if (!(query instanceof expressions.FilterQuery)) return null;
  const value = operandOf(query, contextOf(row));
  const [type, otherType] = [comparedType(value), comparedType(operandOf(other, contextOf(row)))];
  return type === null || otherType === null
    ? null
    : { field: String(query), value, fits: type === otherType, otherType };
};

const mismatch = (comparisons: Comparison[], row: JsonObject): string | null => {
  const compared = comparisons.flatMap((comparison) => comparedField(comparison, row) ?? []);
  // Such as @.id == 1 || @.id == '1'.
  const isHandled = ({ field }: { field: string }) => compared.some((other) => other.field === field && other.fits);
  const wrong = compared.find((found) => !found.fits && !isHandled(found));
  return wrong === undefined
    ? null
    : `${wrong.field} is ${kindOf(wrong.value)} in rows, and is compared with a ${wrong.otherType}: write the value as the rows have it`;
};

const existenceOfNothing = (queries: Query[], row: JsonObject): string | null => {
  for (const query of queries) {
    const value = operandOf(query, contextOf(row));
    if (value !== false && value !== null) continue;
    const field = String(query);
    return `${field} alone tests whether the field exists, and it is ${value} in rows: compare it, as in ${field} == true or ${field} != null`;
  }
  return null;
};

const compiled = new Map<string, RowFilter>();

const compile = (text: string): RowFilter => {
  const kind = "a filter expression";
  const { segments } = compileQuery(`$[?${text}]`, text, kind, HINTS);
  const [selector, ...others] = segments.flatMap((segment) => segment.selectors);
  if (!(selector instanceof selectors.FilterSelector) || others.length > 0) {
    throw new ConfigError(`${JSON.stringify(text)} is not ${kind} (RFC 9535): it has several parts; join them with &&`);
  }
  const { expression } = selector;
  const tests = testsOf(expression);
  if (tests.queries.length === 0) {
    throw new ConfigError(
      `${JSON.stringify(text)} is not ${kind} (RFC 9535): it tests no field; a field begins with @, as in @.id > 1`,
    );
  }
  const matches = (query: Query, row: JsonObject) => {
    const found = query.evaluate(contextOf(row));
    return found instanceof JSONPathNodeList && !found.empty();
  };
  const guarded = <Result>(evaluate: (row: JsonObject) => Result) => {
    return (row: JsonObject): Result => {
      try {
        return evaluate(row);
      } catch (error) {
        throw evaluationError(text, error);
      }
    };
  };
  return {
    keeps: guarded((row) => Boolean(expression.evaluate(contextOf(row)))),
    fields: tests.queries.map((query) => ({ text: String(query), isIn: guarded((row) => matches(query, row)) })),
    warningAbout: guarded((row) => mismatch(tests.comparisons, row) ?? existenceOfNothing(tests.existence, row)),
  };
};

/**
 * Compiles a filter expression: `@.status == 'active' && @.id > 10`. Compiled filters are cached.
 *
 * @throws ConfigError if it is not a filter expression, or tests no field.
 */
export const compileFilter = (text: string): RowFilter => {
  const found = compiled.get(text) ?? compile(text);
  compiled.set(text, found);
  return found;
};
