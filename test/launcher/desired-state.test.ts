// An operator's stop on disk: there after a crash, a reboot, or damage, and never in the way.
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DesiredState } from "../../src/launcher/desired-state.ts";
import { logbook } from "../messaging/support.ts";
import { tempFolder } from "../support/temp.ts";

const HELD = { by: "ann@vm", at: Date.UTC(2026, 10, 20, 22, 3, 6), reason: "lens cleaning" };

/** A state folder of its own, for the time of `use`. */
async function inState(
  use: (open: (file?: string) => DesiredState, folder: string, lines: string[]) => void | Promise<void>,
) {
  using folder = tempFolder();
  const before = process.env.TCS_STATE_DIR;
  process.env.TCS_STATE_DIR = join(folder.path, "state");
  try {
    const file = await folder.write("services.yaml", "services: []");
    const log = logbook();
    await use((other = file) => new DesiredState(other, log.logger), folder.path, log.lines);
  } finally {
    if (before === undefined) delete process.env.TCS_STATE_DIR;
    else process.env.TCS_STATE_DIR = before;
  }
}

/** The one file that holds a stop. */
function record(folder: string): string {
  const launchers = join(folder, "state/launchers");
  const [stopped = ""] = readdirSync(launchers).filter((name) => name.endsWith(".stopped"));
  const [name = ""] = readdirSync(join(launchers, stopped)).filter((file) => file.endsWith(".json"));
  return join(launchers, stopped, name);
}

test("a stop is there for the next launcher, with who, when and why, until it is released", async () => {
  await inState((open) => {
    expect(open().heldBy("camera.main")).toBeUndefined();
    expect(open().hold("camera.main", HELD)).toBeUndefined();
    const next = open();
    expect(next.heldBy("camera.main")).toEqual(HELD);
    expect(next.heldBy("camera.other")).toBeUndefined();
    expect(next.release("camera.main")).toBeUndefined();
    expect(open().heldBy("camera.main")).toBeUndefined();
  });
});

test("ids that are no file names are kept too", async () => {
  await inState((open) => {
    const ids = ["a/b.main", "%2e.main", "dôme.main", "x.main.json"];
    for (const id of ids) open().hold(id, { ...HELD, reason: id });
    const next = open();
    expect(ids.map((id) => next.heldBy(id)?.reason)).toEqual(ids);
  });
});

test("it belongs to the file, by whatever path it is called", async () => {
  await inState((open, folder) => {
    open().hold("camera.main", HELD);
    symlinkSync(join(folder, "services.yaml"), join(folder, "link.yaml"));
    expect(open(join(folder, "link.yaml")).heldBy("camera.main")).toEqual(HELD);
    writeFileSync(join(folder, "other.yaml"), "");
    expect(open(join(folder, "other.yaml")).heldBy("camera.main")).toBeUndefined();
  });
});

test.each(["", "{", "[]", '{"set_by": 5}', '{"set_by": "ann", "set_at": "yesterday"}', "\0\0\0"])(
  "a damaged record (%j) is told, set aside, and the service stays stopped",
  async (damage) => {
    await inState((open, folder, lines) => {
      open().hold("camera.main", HELD);
      const path = record(folder);
      writeFileSync(path, damage);
      expect(open().heldBy("camera.main")?.by).toBe("unknown");
      expect(lines).toEqual([
        expect.stringMatching(/camera\.main\.json is damaged .*camera\.main stays stopped until started/),
      ]);
      expect(readFileSync(`${path}.damaged`, "utf8")).toBe(damage);
      expect(open().heldBy("camera.main")?.reason).toContain("damaged");
      expect(lines.length).toBe(1);
      open().release("camera.main");
      expect(existsSync(path)).toBe(false);
    });
  },
);

test("what a crash left half written is nothing", async () => {
  await inState((open, folder) => {
    open().hold("camera.main", HELD);
    writeFileSync(join(record(folder), "../%new.123"), "{");
    writeFileSync(join(record(folder), "../%ff.json"), "{");
    expect(open().heldBy("camera.main")).toEqual(HELD);
    expect(open().heldBy("%new.123")).toBeUndefined();
  });
});

test("a disk that does not take it is told, and the stop holds for this launcher", async () => {
  await inState((open, folder, lines) => {
    const desired = open();
    const launchers = join(folder, "state/launchers");
    // Root may write into any folder: a file in its place stops root too.
    const [lockless] = readdirSync(launchers);
    expect(lockless).toBeUndefined();
    const other = open();
    other.hold("x.main", HELD);
    const folderOfStops = join(record(folder), "..");
    mkdirSync(join(folderOfStops, "camera.main.json"));
    chmodSync(folderOfStops, 0o700);
    const fault = desired.hold("camera.main", HELD);
    expect(fault).toMatch(/^that camera\.main is to stay stopped could not be written to .*: /);
    expect(desired.heldBy("camera.main")).toEqual(HELD);
    expect(lines).toEqual([`error: ${fault}`]);
  });
});
