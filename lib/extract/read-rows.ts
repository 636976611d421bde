import type { ResolvedResource } from "../config/resolved.ts";
import { IncompleteError, ResponseError, SelectorError } from "../errors/index.ts";
import { messageIn, type ReportedError, reportedError } from "../http/error-envelope.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { compilePath } from "../json/path.ts";
import type { Position } from "../lake/position.ts";
import { countWithoutRows } from "../pagination/evidence.ts";
import { keyedWarning, refuseKeyed, selectKeyedRows } from "../rows/keyed-rows.ts";
import { type NullRows, nullRowsIn } from "../rows/null-rows.ts";
import { detectSelector, isLeftOut, selectRows, selectsList } from "../rows/selector.ts";

/** Rows of a response. */
export interface SelectedRows {
  rows: JsonObject[];
  /** Whether they come from a list, or from several matches. A single object is not a list. */
  isList: boolean;
  /** Items of the list, if the selector takes some of them, or something in them; null if the rows are all of its items. */
  items: Json[] | null;
  /** Keys under which they were found; null when the config names them, and when there are none. */
  selector: string[] | null;
  /** Null among the rows; null when there is none. */
  null_rows: NullRows | null;
  /** Error that the API reports next to the rows, or why a single row may be several; null when there is neither. */
  warning: string | null;
}

/** A response, and how messages quote it. */
interface Content {
  status: number;
  body: Json;
  /** Returns an excerpt without secrets. */
  quote(text: string): string;
}

const apiError = ({ text }: ReportedError, { status, quote }: Content): ResponseError =>
  new ResponseError(
    `the response is an error, although its status is ${status} (${JSON.stringify(quote(text))}): correct the request. If it means that there are no rows, ignore it with response_actions; if it is data, name the rows with data_selector`,
  );

/** @throws IncompleteError when the first response counts rows that it does not have. A later one may be past the last row. */
const noRows = (path: string, { page }: Position, body: Json): SelectedRows => {
  const count = page === null ? countWithoutRows(body) : null;
  if (count === null) return { rows: [], isList: true, items: null, selector: null, null_rows: null, warning: null };
  throw new IncompleteError(
    `the response has nothing at ${path}, but ${count}: set data_selector to the path of the rows`,
  );
};

/** Whether a response without a list is one row, although the endpoint returns lists. */
const isWithoutList = (body: Json, { on_missing_data }: ResolvedResource, selector: string[] | null): boolean =>
  selector?.length === 0 && isJsonObject(body) && on_missing_data === "empty";

const selectedRows = (resource: ResolvedResource, position: Position, { body }: Content): SelectedRows => {
  const { data_selector, key_column, on_missing_data } = resource;
  // Detected once: a later response without rows may hold another list.
  const selector = data_selector === null ? (position.selector ?? detectSelector(body)) : null;
  const path = data_selector ?? selector ?? [];
  if (selector !== null && position.selector === null) refuseKeyed(body, selector);
  if (isWithoutList(body, resource, selector)) return noRows("any list", position, body);
  if (selector?.length === 0 && isJsonObject(body) && Object.keys(body).length === 0) {
    throw new SelectorError(
      'the response is an empty object: set data_selector to the path of the rows, and on_missing_data: "empty" if the API leaves out the key of an empty list. The run then resumes at this page',
    );
  }
  try {
    if (data_selector !== null && key_column !== null) {
      const rows = selectKeyedRows(body, data_selector, key_column);
      return { rows, isList: true, items: null, selector, null_rows: null, warning: null };
    }
    const rows = selectRows(body, path);
    const items = typeof path === "string" ? compilePath(path).itemsAround(body) : null;
    const null_rows = nullRowsIn(body, path, rows);
    const warning = data_selector === null ? null : keyedWarning(body, data_selector);
    return { rows, isList: selectsList(body, path), items, selector, null_rows, warning };
  } catch (error) {
    const isEmpty =
      error instanceof SelectorError &&
      on_missing_data === "empty" &&
      (typeof path === "string" ? isLeftOut(body, path) : isJsonObject(body));
    if (!isEmpty) throw error;
    return { ...noRows(JSON.stringify(data_selector ?? position.selector?.join(".")), position, body), selector };
  }
};

/** Returns an error of missing rows with the message of the response, which may be an error in an unknown form. */
const withMessage = (thrown: unknown, { body, quote }: Content): unknown => {
  const text = thrown instanceof SelectorError ? messageIn(body) : null;
  if (text === null) return thrown;
  return new SelectorError(
    `the API returned ${JSON.stringify(quote(text))} instead of rows: ${(thrown as Error).message}`,
  );
};

/**
 * Returns the rows of a response.
 *
 * @throws ResponseError, with the API's text, for a response that is an error although its status is not; SelectorError when
 *   the response lacks the rows; IncompleteError when it counts rows that it does not have.
 */
export const readRows = (resource: ResolvedResource, position: Position, content: Content): SelectedRows => {
  const error = reportedError(content.body, resource.data_selector);
  if (error === null) {
    try {
      return selectedRows(resource, position, content);
    } catch (thrown) {
      throw withMessage(thrown, content);
    }
  }
  if (resource.data_selector === null && error.isWhole) throw apiError(error, content);
  let selected: SelectedRows;
  try {
    selected = selectedRows(resource, position, content);
  } catch (thrown) {
    throw thrown instanceof SelectorError ? apiError(error, content) : thrown;
  }
  if (selected.rows.length === 0 || (!selected.isList && error.isWhole)) throw apiError(error, content);
  const warning = `the API reports an error next to the rows: ${JSON.stringify(content.quote(error.text))}`;
  return { ...selected, warning: selected.isList ? warning : null };
};
