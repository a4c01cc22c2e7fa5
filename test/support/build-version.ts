// Builds the executable with another version stamped on it: bun build-version.ts OUTFILE STAMP
import { buildExecutable, enterRoot } from "../../src/build/executable.ts";
import { hostTarget } from "../../src/build/targets.ts";

const [, , outfile = "", commit = ""] = process.argv;
const identity = { version: `0.1.0+${commit}`, commit, date: "2026-11-21", time: 0 };
await enterRoot();
await buildExecutable({ target: hostTarget(), identity, outfile, say: () => undefined });
