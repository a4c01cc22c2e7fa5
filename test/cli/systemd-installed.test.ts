// Which of the configurations with units is meant.
import { expect, test } from "bun:test";
import { runTcs } from "../support/binary.ts";

test.each([
  [["--user"], 'units of the system are another matter: without "--user"'],
  [[], 'units of your own are another matter: "--user"'],
])("tcs systemd status %j: what is not there may be among the others", async (options, hint) => {
  const { code, stderr } = await runTcs(["systemd", "status", "night.yaml", ...options]);
  expect({ code, hint: stderr.split("\n")[1] }).toEqual({ code: 3, hint: `     ${hint}` });
});
