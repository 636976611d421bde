import { preparePython } from "./python.fixture.ts";

/** Installs once before all files of `npm run test:aws`, which run concurrently. */
export default preparePython;
