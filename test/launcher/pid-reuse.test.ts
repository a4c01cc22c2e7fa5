// No stranger is ever signalled: a pid that we have on record may belong to another process by now. In a pid namespace
// it does.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { canOwnPids, inOwnPids } from "../support/pidns.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";

for (const scenario of [
  "a launcher that hears late of the end of a host",
  "a guard after the death of its launcher",
  "a guard, of a group whose leader has gone",
  "the end of what carries a mark",
  "a lock",
  "the record of a broker, and its guard",
  "the guard of a broker, itself killed before",
]) {
  test.concurrent.skipIf(!canOwnPids)(`a stranger with a pid on record is not harmed by ${scenario}`, async () => {
    using folder = tempFolder();
    await folder.write("services.yaml", "");
    const fixture = join(import.meta.dir, "fixtures/pid-reuse.ts");
    const words = [process.execPath, fixture, scenario, folder.path, String(await freePort())];
    expect(await inOwnPids(words, { TCS_STATE_DIR: join(folder.path, "state") })).toBe("unharmed\n");
  });
}
