/** Preloaded into a command: a minute passes with every request to an API. */
const MINUTE = 60_000;

const { now } = Date;
const { fetch } = globalThis;
let passed = 0;

Date.now = () => now() + passed;
globalThis.fetch = (...request) => {
  passed += MINUTE;
  return fetch(...request);
};
