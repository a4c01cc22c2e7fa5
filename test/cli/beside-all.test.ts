// What is named beside --all.
import { expect, test } from "bun:test";
import { runTcs } from "../support/binary.ts";

// Where nobody is, should it be done all the same.
const NOWHERE = ["--port", "1"];

test.each([
  [["start"], "dome.main", NOWHERE],
  [["stop"], "dome.main", NOWHERE],
  [["restart"], "dome.main", NOWHERE],
  [["reload"], "worker", NOWHERE],
  [["systemd", "uninstall"], "services.yaml", ["--user"]],
])("tcs %j: nothing is done to all when one is named", async (command, name, options) => {
  const { code, stderr } = await runTcs([...command, name, "--all", ...options]);
  const said = `tcs: tcs ${command.join(" ")}: given both ${name} and --all\n     name them, or say --all\n`;
  expect({ code, stderr }).toEqual({ code: 2, stderr: said });
});

test("tcs systemd uninstall: nor when it is named by an option", async () => {
  const { code } = await runTcs(["systemd", "uninstall", "--user", "--config", "services.yaml", "--all"]);
  expect(code).toBe(2);
});
