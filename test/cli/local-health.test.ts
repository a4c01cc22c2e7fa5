// tcs health --local: what processes of this state folder say of themselves.
import { expect, test } from "bun:test";
import { answerForLife } from "../../src/common/sign-of-life.ts";
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";

test("the words of a service do not steer the terminal", async () => {
  using folder = tempFolder();
  const own = process.env.TCS_STATE_DIR;
  process.env.TCS_STATE_DIR = folder.path;
  const message = "all\u001b[2J is\nwell\u009b31m";
  const end = await answerForLife(() => ({ id: "dome.main", status: "ok", message, healthy: true })).finally(() => {
    if (own === undefined) delete process.env.TCS_STATE_DIR;
    else process.env.TCS_STATE_DIR = own;
  });
  const env = { TCS_STATE_DIR: folder.path };
  try {
    expect(await runTcs(["health", "--local"], { env })).toMatchObject({
      code: 0,
      stdout: "dome.main  ok  all is well\n",
    });
    const { stdout } = await runTcs(["health", "--local", "--json"], { env });
    expect(stdout).not.toMatch(/[^\n -~]/);
    expect(JSON.parse(stdout)).toEqual([{ pid: process.pid, id: "dome.main", status: "ok", message, healthy: true }]);
  } finally {
    end();
  }
});
