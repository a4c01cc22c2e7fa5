// tcs licenses: what others have written of the executable, told by itself.
import { expect, test } from "bun:test";
import { runTcs } from "../support/binary.ts";

interface Told {
  format: number;
  third_parties: { name: string; version: string | null; license: string; part: string; text: string }[];
}

const told = async (...args: string[]) => JSON.parse((await runTcs(["licenses", "--json", ...args])).stdout) as Told;

test("all that is inside is listed, with versions and licenses", async () => {
  const { code, stdout, stderr } = await runTcs(["licenses"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [heading, ...rows] = stdout.trimEnd().split("\n");
  expect(heading).toMatch(/^NAME +VERSION +LICENSE +WHAT$/);
  expect(rows[0]).toMatch(/^bun +\d+\.\d+\.\d+ +MIT AND LGPL-2\.0-or-later +the runtime$/);
  expect(rows[1]).toMatch(/^nats-server +\S+ +Apache-2\.0 +the broker$/);
  expect(rows).toContainEqual(expect.stringMatching(/^github\.com\/nats-io\/nkeys .* Apache-2\.0 +Go, in the broker$/));
  expect(rows).toContainEqual(expect.stringMatching(/^zod +\d+\.\d+\.\d+ +MIT +npm package$/));
});

test("one is shown in full by its name, in any case", async () => {
  const { code, stdout } = await runTcs(["licenses", "ZOD"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^=+\nzod \S+ {2}MIT {2}\(npm package\)\n=+\n\nMIT License\n/);
  expect((await told("zod")).third_parties.map(({ name }) => name)).toEqual(["zod"]);
});

test("--all shows every text", async () => {
  const [{ stdout }, { third_parties: all }] = await Promise.all([runTcs(["licenses", "--all"]), told()]);
  expect(all.length).toBeGreaterThan(50);
  for (const { text } of all) expect(stdout).toContain(text.trim());
});

test("--json tells each with its text", async () => {
  const { format, third_parties: all } = await told();
  expect(format).toBe(1);
  for (const { license, part, text } of all) {
    expect(license).not.toBe("");
    expect(["runtime", "broker", "broker module", "package", "types"]).toContain(part);
    expect(text.length).toBeGreaterThan(500);
  }
});

test("a name that nothing has is an error, with the nearest", async () => {
  expect(await runTcs(["licenses", "inquire"])).toEqual({
    code: 3,
    stdout: "",
    stderr: 'tcs: nothing in this program is called "inquire"\n     did you mean "tcs licenses inquirer"?\n',
  });
});

test("names are completed, with their licenses", async () => {
  const { stdout } = await runTcs(["__complete", "--", "licenses", "nats-"]);
  expect(stdout).toBe("words\nnats-server\tApache-2.0\n");
});
