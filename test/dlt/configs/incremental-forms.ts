import { type Comparison, inBoth } from "../comparison.fixture.ts";
import { DAYS, NUMBERS, nights, START, since } from "./nights.ts";

/** Forms of an incremental, over three runs: placeholders, `start_param`, `params`. */
export const INCREMENTAL_FORMS: Record<string, Comparison> = {
  "placeholder in params": since({ initial_value: START }, DAYS),
  "placeholder in the path": nights(
    { path: "posts?since={incremental.start_value}", incremental: { cursor_path: "at", initial_value: START } },
    DAYS,
  ),
  "placeholder in a segment of the path": nights(
    { path: "since/{incremental.start_value}/posts", incremental: { cursor_path: "at", initial_value: 1 } },
    [],
    {},
    { api: [0, 1, 2].map((night) => () => NUMBERS[night]) },
  ),
  "placeholder in headers": nights(
    { headers: { "x-since": "{incremental.start_value}" }, incremental: { cursor_path: "at", initial_value: START } },
    DAYS,
  ),
  "placeholder in json": nights(
    {
      method: "POST",
      json: { since: "{incremental.start_value}", label: "from {incremental.start_value}" },
      incremental: { cursor_path: "at", initial_value: 1 },
    },
    NUMBERS,
  ),
  "placeholder in data": nights(
    {
      method: "POST",
      data: { since: "{incremental.start_value}" },
      incremental: { cursor_path: "at", initial_value: START },
    },
    DAYS,
  ),
  "placeholder with text around": nights(
    { params: { filter: "at ge {incremental.start_value}" }, incremental: { cursor_path: "at", initial_value: START } },
    DAYS,
  ),
  "initial_value and last_value": nights(
    {
      params: { first: "{incremental.initial_value}", last: "{incremental.last_value}" },
      incremental: { cursor_path: "at", initial_value: START },
    },
    DAYS,
  ),
  "start_param, the older form": nights(
    { incremental: { cursor_path: "at", initial_value: START, start_param: "since" } },
    DAYS,
  ),
  "start_param next to params": nights(
    { params: { size: 9 }, incremental: { cursor_path: "at", initial_value: 0, start_param: "since" } },
    NUMBERS,
  ),
  "start_param and end_param": nights(
    { incremental: { cursor_path: "at", initial_value: 10, end_value: 30, start_param: "from", end_param: "to" } },
    NUMBERS,
  ),
  "incremental in params, the oldest form": nights(
    { params: { since: { type: "incremental", cursor_path: "at", initial_value: START } } },
    DAYS,
  ),
  "incremental in params, numbers": nights(
    { params: { since: { type: "incremental", cursor_path: "at", initial_value: 0 }, size: 9 } },
    NUMBERS,
  ),
  "both forms": nights(
    {
      params: { since: { type: "incremental", cursor_path: "at", initial_value: 0 } },
      incremental: { cursor_path: "at", initial_value: 5, start_param: "from" },
    },
    NUMBERS,
    {},
    { differs: { "both forms of an incremental": ["outcome"] } },
  ),
  "two incremental params": nights(
    {
      params: {
        a: { type: "incremental", cursor_path: "at", initial_value: 0 },
        b: { type: "incremental", cursor_path: "id", initial_value: 0 },
      },
    },
    NUMBERS,
    {},
    { fails: true },
  ),
  "end_value in params": nights(
    { params: { since: { type: "incremental", cursor_path: "at", initial_value: 0, end_value: 5 } } },
    NUMBERS.slice(0, 1),
    {},
    { differs: { "end_value in params": ["outcome"] } },
  ),
  "an incremental that no request has": nights({ incremental: { cursor_path: "at", initial_value: START } }, DAYS),
  "a placeholder without an incremental": nights(
    { params: { since: "{incremental.start_value}" } },
    NUMBERS,
    {},
    { fails: true },
  ),
  "an incremental without a cursor_path": nights(
    { incremental: { initial_value: 1 } },
    NUMBERS.slice(0, 1),
    {},
    { differs: { "no cursor_path": ["outcome"] } },
  ),
  "start_param without an initial_value": nights({ incremental: { cursor_path: "at", start_param: "since" } }, NUMBERS),
  "an incremental with an unknown key": since({ initial_value: 1, start: 2 }, NUMBERS, {}, { fails: true }),
  "{incremental.lag}": nights(
    { params: { lag: "{incremental.lag}" }, incremental: { cursor_path: "at", initial_value: 0, lag: 5 } },
    NUMBERS,
  ),
  "convert, a function": nights(
    {
      params: { since: "{incremental.start_value}" },
      incremental: {
        cursor_path: "at",
        initial_value: 0,
        convert: inBoth((value: number) => value * 1000, "lambda value: value * 1000"),
      },
    },
    NUMBERS,
  ),
};
