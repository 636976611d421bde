import { preparePython } from "./python.fixture.ts";

/** Before any file of `npm run test:aws`: two of them would install at the same time. */
export default preparePython;
