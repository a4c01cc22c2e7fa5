// tcs config init: what it says to type is right for any name of a file.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";

test("a name with blanks is quoted in what is to be typed next", async () => {
  using folder = tempFolder();
  const { code, stderr } = await runTcs(["config", "init", "my fleet.yaml"], { cwd: folder.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: `tcs: start it with "tcs run 'my fleet.yaml'"\n` });
  const text = await Bun.file(join(folder.path, "my fleet.yaml")).text();
  expect(text).toContain("#   tcs config check 'my fleet.yaml'    # says what is wrong");
});
