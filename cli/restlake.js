/**
 * The door of every command: `npm start`, `npm run sync` and the others come through here. Plain JavaScript, so that a
 * Node that is too old can still say so.
 */
import module from "node:module";
import process from "node:process";

const NEEDED_MAJOR = 24;
const COMMANDS = ["start", "example", "check", "sync", "offline", "query", "tables", "report"];

const major = Number(process.versions.node.split(".")[0]);
const [command = "", ...args] = process.argv.slice(2);

if (major < NEEDED_MAJOR) {
  console.error(
    `restlake runs on Node ${NEEDED_MAJOR} or newer, and this is ${process.version}. Run it as an npm script after "npm ci": the project brings its own Node (if it did not, "npm rebuild node" fetches it).`,
  );
  process.exit(2);
}
if (!COMMANDS.includes(command)) {
  console.error(`restlake: unknown command ${JSON.stringify(command)}; there are: ${COMMANDS.join(", ")}`);
  process.exit(2);
}
// A third of the time to start goes into compiling what was compiled the last time.
module.enableCompileCache?.();
const { main } = await import("./main.ts");
process.exitCode = await main(command, args);
