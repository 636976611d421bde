#!/usr/bin/env node
/** `npm create restlake my-lake`: runs `restlake init my-lake` of the version that is installed with it. */
import process from "node:process";

process.argv.splice(2, 0, "init");
await import("restlake/cli");
