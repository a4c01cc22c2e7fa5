// Words that would be passed over.
import { expect, test } from "bun:test";
import { runTcs } from "../support/binary.ts";

test.each([
  [["get", "dome.main", "interval", "limits"], '"limits" is one word too many'],
  [["get", "--global", "log_level", "limits"], '"limits" is one word too many'],
  [["rollback", "dome.main", "12", "13"], '"13" is one word too many'],
  [["diff", "dome.main", "12", "13"], '"13" is one word too many'],
  [["diff", "night.yaml", "day.yaml"], 'given both a document, night.yaml, and "day.yaml": expected one document'],
])("tcs config %j is refused", async ([command = "", ...words], what) => {
  const { code, stderr } = await runTcs(["config", command, ...words, "--port", "1"]);
  expect({ code, said: stderr.split("\n")[0] }).toEqual({ code: 2, said: `tcs: tcs config ${command}: ${what}` });
});
