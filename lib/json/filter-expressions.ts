import { JSONPathNodeList, type JSONPathQuery, jsonpath } from "json-p3";

const { expressions, selectors } = jsonpath;
type Expression = InstanceType<typeof expressions.FilterExpression>;
type Comparison = InstanceType<typeof expressions.InfixExpression>;
type Context = Parameters<Expression["evaluate"]>[0];

const isNumeric = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint";

/** Returns the value of an operand: a literal with all its digits, or the single match of a query. */
export const operandOf = (expression: Expression, context: Context): unknown => {
  if (expression instanceof expressions.NumberLiteral && /^-?\d+$/.test(expression.token.value)) {
    return BigInt(expression.token.value);
  }
  const value = expression.evaluate(context);
  return value instanceof JSONPathNodeList && value.length === 1 ? value.nodes[0]?.value : value;
};

const compareNumbers = (left: number | bigint, operator: string, right: number | bigint): boolean => {
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  if (operator === "<=") return left <= right;
  if (operator === ">=") return left >= right;
  const isEqual = !(left < right) && !(left > right);
  return isEqual === (operator === "==");
};

const makeExact = (comparison: Comparison): void => {
  comparison.evaluate = (context) => {
    const left = operandOf(comparison.left, context);
    const right = operandOf(comparison.right, context);
    return isNumeric(left) && isNumeric(right)
      ? compareNumbers(left, comparison.operator, right)
      : expressions.compare(left, comparison.operator, right);
  };
};

const visit = (expression: Expression): void => {
  if (expression instanceof expressions.LogicalExpression) visit(expression.expression);
  if (expression instanceof expressions.PrefixExpression) visit(expression.right);
  if (expression instanceof expressions.FilterQuery) withExactNumbers(expression.path);
  if (expression instanceof expressions.FunctionExtension) expression.args.forEach(visit);
  if (expression instanceof expressions.InfixExpression) {
    visit(expression.left);
    visit(expression.right);
    if (!expression.logical) makeExact(expression);
  }
};

/**
 * Makes the filters of a query compare integers beyond 2^53 exactly. json-p3 does not support BigInt and would silently drop
 * such rows.
 *
 * @returns the same query, changed in place.
 */
export const withExactNumbers = (query: JSONPathQuery): JSONPathQuery => {
  for (const segment of query.segments) {
    for (const selector of segment.selectors) {
      if (selector instanceof selectors.FilterSelector) visit(selector.expression);
    }
  }
  return query;
};
