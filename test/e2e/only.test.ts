// tcs run --only: parts of one configuration as launchers of their own, as containers run them.
import { expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { tempFolder } from "../support/temp.ts";

const YAML = `services:
  - a
  - {type: b, after: [a.main]}
  - {type: c, module: ./missing.ts, value: "\${NOT_SET}"}
`;

test("only the named services run, and what is wrong with other rows does not matter", async () => {
  const files = { "a.ts": serviceFile(LOOP), "b.ts": serviceFile(LOOP) };
  await using fleet = await runFleet({ yaml: YAML, files, args: ["--only", "a.main"] });
  await fleet.tcs.waitForLine(/1 of 1 service running/);
  // Beside it, with another part of the same file; nobody it waits for is in its part.
  await using other = spawnTcs(["run", "--only", "b.main"], {
    cwd: fleet.folder.path,
    env: { TCS_STATE_DIR: fleet.tcs.stateDir },
  });
  await other.waitForLine(/1 of 1 service running/);
  const parents = ["a.main", "b.main"].map((id) => fleet.wire.of("registry.start", id).map(({ data }) => data.parent));
  expect(parents.map((list) => list.length)).toEqual([1, 1]);
  expect(parents[0]).not.toEqual(parents[1]);
  // A third that has one of them is told who has it.
  const third = await runTcs(["run", "--only", "a.main", "--only", "b.main"], {
    cwd: fleet.folder.path,
    env: { TCS_STATE_DIR: fleet.tcs.stateDir },
  });
  expect(third.code).toBe(1);
  expect(third.stderr).toContain("is already run by a launcher on this host");
});

test("an id that is not in the file is refused with the nearest", async () => {
  using folder = tempFolder();
  await folder.write("services.yaml", "services: [hello_world]\n");
  const { code, stderr } = await runTcs(["run", "--check", "--only", "helo_world.main"], { cwd: folder.path });
  expect(code).toBe(5);
  expect(stderr).toContain('--only: given "helo_world.main", expected the id of a service in the file');
  expect(stderr).toContain('did you mean "hello_world.main"?');
});
