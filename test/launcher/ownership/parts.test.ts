import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { identifyProcess } from "../../../src/common/process-info.ts";
import { HostTable } from "../../../src/launcher/ownership/host-table.ts";
import { isCertainlyGone, isPidFree, type Party, thisParty, thisPlace } from "../../../src/launcher/ownership/place.ts";
import { epochOf, ownerJson, parseOwner, parseSession, sessionJson } from "../../../src/launcher/ownership/records.ts";
import { Sightings } from "../../../src/launcher/ownership/sightings.ts";
import { type TempFolder, tempFolder } from "../../support/temp.ts";

const me = thisParty("launcher.me", "/etc/me.yaml");

describe("who is certainly gone", () => {
  test("nobody who lives", () => {
    expect(isCertainlyGone(me)).toBe(false);
    expect(isPidFree(process.pid)).toBe(false);
  });
  test("one whose pid another process has now", () => {
    expect(isCertainlyGone({ ...me, startTime: me.startTime - 1 })).toBe(true);
  });
  test("one whose pid nobody has", async () => {
    const child = Bun.spawn(["sleep", "60"]);
    const startTime = identifyProcess(child.pid)?.startTime ?? 0;
    const party = { pid: child.pid, startTime, place: thisPlace() };
    expect(isCertainlyGone(party)).toBe(false);
    child.kill();
    await child.exited;
    expect(isCertainlyGone(party)).toBe(true);
  });
  test.each([
    ["elsewhere", { place: "another boot/1" }],
    ["in an unknown place", { place: "" }],
    ["of unknown start", { startTime: 0 }],
  ])("not one %s", (_, change) => {
    expect(isCertainlyGone({ ...me, startTime: me.startTime - 1, ...change })).toBe(false);
  });
});

describe("whether a session lives is told by our own clock", () => {
  /** Looks at revisions, each asked and told at once unless it says more. @returns for how long it has not changed */
  const watch = (...looks: [revision: number, askedAt: number, toldAt?: number][]) => {
    const sightings = new Sightings(5_000);
    for (const [revision, askedAt, toldAt = askedAt] of looks) sightings.see("s", revision, askedAt, toldAt);
    return sightings.unchangedMs("s");
  };

  test("from the moment it was first seen", () => {
    expect(watch([5, 1_000, 1_010])).toBe(0);
    expect(watch([5, 1_000, 1_010], [5, 2_000, 2_010], [5, 6_000])).toBe(4_990);
  });
  test("anew at each change", () => {
    expect(watch([5, 1_000], [5, 2_000], [6, 3_000], [6, 3_500])).toBe(500);
  });
  test("an answer counts from its question: it may have waited on the way", () => {
    expect(watch([5, 1_000, 1_010], [5, 1_020, 60_000])).toBe(10);
  });
  test("anew when nobody could look for a while: then nobody could renew either", () => {
    expect(watch([5, 1_000], [5, 4_000], [5, 60_000], [5, 61_000])).toBe(1_000);
  });
});

describe("entries", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const times = { since: 1_700_000_000_000, leaseMs: 15_000 };

  test("are read as they were written", () => {
    const owner = { ...me, ...times, session: "session_a", epoch: 3 };
    expect(parseOwner(bytes(ownerJson(owner)))).toEqual(owner);
    const session = { ...me, ...times, renewed: 1_700_000_005_000 };
    expect(parseSession(bytes(sessionJson(session)))).toEqual(session);
  });
  test.each([0, -5, 1e12, "soon", null])("a lease of %p seconds is not believed", (lease_seconds) => {
    const text = JSON.stringify({
      ...JSON.parse(ownerJson({ ...me, ...times, session: "s", epoch: 1 })),
      lease_seconds,
    });
    const leaseMs = parseOwner(bytes(text))?.leaseMs ?? 0;
    expect(leaseMs).toBeGreaterThanOrEqual(500);
    expect(leaseMs).toBeLessThanOrEqual(3_600_000);
  });
  test.each(["", "junk", "[]", "7", '{"epoch": "x"}', '{"epoch": -1}', '{"epoch": 1e99}'])(
    "%p tells no epoch",
    (text) => {
      expect(epochOf(bytes(text))).toBe(0);
    },
  );
});

describe("the table of this host", () => {
  let folder: TempFolder;
  const before = process.env.TCS_STATE_DIR;
  beforeEach(() => {
    folder = tempFolder();
    process.env.TCS_STATE_DIR = folder.path;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TCS_STATE_DIR;
    else process.env.TCS_STATE_DIR = before;
    folder[Symbol.dispose]();
  });
  /** Another launcher, alive: the process that runs the tests' process. */
  const other: Party = {
    ...me,
    launcher: "launcher.other",
    pid: process.ppid,
    startTime: identifyProcess(process.ppid)?.startTime ?? 0,
  };

  test("gives each service to one living launcher", async () => {
    const [mine, theirs] = [await HostTable.open(["svc"], me), await HostTable.open(["svc"], other)];
    expect(mine.take(["a.x", "b.x"], 1).taken).toEqual(new Map());
    const { taken } = theirs.take(["b.x", "c.x"], 1);
    expect([...taken.keys()]).toEqual(["b.x"]);
    expect(taken.get("b.x")).toMatchObject({ kind: "host", launcher: "launcher.me", pid: process.pid });
    mine.drop(["b.x"]);
    expect(theirs.take(["b.x"], 2).taken).toEqual(new Map());
    expect([...mine.take(["b.x", "c.x"], 2).taken.keys()]).toEqual(["b.x", "c.x"]);
    mine.close();
    theirs.close();
  });
  test("gives what a dead launcher had", async () => {
    const [dead, mine] = [await HostTable.open(["svc"], { ...other, startTime: 1 }), await HostTable.open(["svc"], me)];
    dead.take(["a.x"], 1);
    dead.close();
    expect(mine.take(["a.x"], 2)).toEqual({ taken: new Map(), ending: new Set() });
    mine.close();
  });
  test("gives what a dead launcher had when nothing of it is left", async () => {
    const launcher = Bun.spawn(["sleep", "60"]);
    const { pid } = launcher;
    const startTime = identifyProcess(pid)?.startTime ?? 0;
    const [dead, mine] = [
      await HostTable.open(["svc"], { ...other, pid, startTime }),
      await HostTable.open(["svc"], me),
    ];
    dead.take(["a.x", "b.x"], 1);
    dead.close();
    await using program = Bun.spawn(["sleep", "60"], {
      env: { PATH: process.env.PATH, TCS_RUN: `${pid}-of-the-dead`, TCS_SERVICE_ID: "a.x" },
    });
    expect([...mine.take(["a.x", "b.x"], 2).taken.keys()]).toEqual(["a.x", "b.x"]);
    launcher.kill();
    await launcher.exited;
    expect(mine.take(["a.x", "b.x"], 3)).toEqual({ taken: new Map(), ending: new Set(["a.x"]) });
    program.kill();
    await program.exited;
    expect(mine.take(["a.x"], 4)).toEqual({ taken: new Map(), ending: new Set() });
    mine.close();
  });
  test("gives what an earlier life of this launcher had, in a container that was started again", async () => {
    const [former, mine] = [
      await HostTable.open(["svc"], { ...me, place: "boot/1" }),
      await HostTable.open(["svc"], me),
    ];
    former.take(["a.x"], 1);
    former.close();
    expect(mine.take(["a.x"], 2).taken).toEqual(new Map());
    mine.close();
  });
  test("keeps fleets apart", async () => {
    const [mine, theirs] = [await HostTable.open(["svc"], me), await HostTable.open(["lab"], other)];
    mine.take(["a.x"], 1);
    expect(theirs.take(["a.x"], 1).taken).toEqual(new Map());
    mine.close();
    theirs.close();
  });
  test.each([
    ["no database", (bytes: Buffer) => bytes.fill(0xa5)],
    ["damaged behind its first page", (bytes: Buffer) => bytes.fill(0xa5, 4096)],
  ])("is begun anew when its file is %s, and the old one is kept", async (_, damage) => {
    const before = await HostTable.open(["svc"], me);
    before.take(
      Array.from({ length: 500 }, (_, i) => `dome.n${i}`),
      1,
    );
    before.close();
    const [name = ""] = readdirSync(`${folder.path}/owners`);
    const path = `${folder.path}/owners/${name}`;
    writeFileSync(path, damage(readFileSync(path)));
    const table = await HostTable.open(["svc"], me);
    expect(table.setAside).toBe(`${path}.damaged`);
    expect(existsSync(`${path}.damaged`)).toBeTrue();
    expect(table.take(["a.x"], 1).taken).toEqual(new Map());
    const theirs = await HostTable.open(["svc"], other);
    expect(theirs.setAside).toBeUndefined();
    expect([...theirs.take(["a.x"], 2).taken.keys()]).toEqual(["a.x"]);
    theirs.close();
    table.close();
  });
  test("says what is wrong when it cannot be written", async () => {
    await folder.write("owners", "a file, not a folder");
    expect(HostTable.open(["svc"], me)).rejects.toThrow("owners");
  });
});
