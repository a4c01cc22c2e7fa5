// Files made to hurt: each ends in plain lines, in bounded time and memory. By the compiled binary, as an operator meets them.
import { describe, expect, test } from "bun:test";
import { tcsBinary } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";

/** Processor time, which a busy machine does not lengthen: far below what any of these took before they were bounded. */
const LIMIT_CPU_MS = 10_000;
/** For a busy machine. */
const LIMIT_MS = 55_000;
const LIMIT_MB = 900;

const hello = "services: [hello_world]\n";
const times = (count: number, text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n)).join("");
/** As large as a file may be. */
const FULL = 2 * 1024 * 1024 - 100;
const fill = (text: string) => text.repeat(Math.floor(FULL / text.length));

async function check(content: string | Uint8Array) {
  using folder = tempFolder();
  await folder.write("services.yaml", content);
  const child = Bun.spawn([tcsBinary(), "run", "--check"], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, TCS_STATE_DIR: folder.path },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, stdout, stderr] = await within(
    "the end of tcs",
    Promise.all([child.exited, child.stdout.text(), child.stderr.text()]),
    LIMIT_MS,
  );
  const usage = child.resourceUsage();
  const megabytes = (usage?.maxRSS ?? Number.POSITIVE_INFINITY) / 1024 / 1024;
  expect(Number(usage?.cpuTime.total ?? Number.POSITIVE_INFINITY) / 1000).toBeLessThan(LIMIT_CPU_MS);
  return { code, stdout, lines: stderr.split("\n").filter(Boolean), megabytes };
}

describe("refused with its place", () => {
  test.each<[string, string | Uint8Array, string | RegExp]>([
    [
      "aliases of aliases",
      `x-a: &a [x,x,x,x,x,x,x,x,x,x]\n${times(8, (n) => `x-${n}: &${n} [${Array(10).fill(n === 0 ? "*a" : `*${n - 1}`)}]\n`)}${hello}`,
      "5:31: given aliases of aliases that expand without measure, expected at most 100000 values by alias",
    ],
    [
      "merges of merges",
      `x-a: &a {k: 1}\n${times(60, (n) => `x-${n}: &m${n}\n  <<: [*${n === 0 ? "a" : `m${n - 1}`}, *${n === 0 ? "a" : `m${n - 1}`}]\n  k${n}: 1\n`)}${hello}`,
      /^42:8: given aliases of aliases that expand without measure/,
    ],
    [
      "one large mapping merged into many rows",
      `x-a: &a\n${times(50_000, (n) => `  k${n}: 1\n`)}services:\n${times(2000, (n) => `  - {<<: *a, type: hello_world, variant: v${n}}\n`)}`,
      /^50004:10: given aliases of aliases/,
    ],
    [
      "lists in lists without end",
      `services: ${"[".repeat(FULL)}`,
      "1:111: given values nested more than 100 deep, expected a flatter structure",
    ],
    [
      "mappings in mappings",
      `services: ${"{a: ".repeat(100_000)}${"}".repeat(100_000)}`,
      /^1:411: given values nested more than 100 deep/,
    ],
    [
      "lists in lists on one line",
      `services:\n${"- ".repeat(200_000)}a\n`,
      /^2:201: given values nested more than 100/,
    ],
    [
      "blocks in blocks",
      times(1900, (n) => `${" ".repeat(n)}a:\n`),
      /^102:102: given values nested more than 100 deep/,
    ],
    [
      "defaults of defaults",
      `services:\n  - {type: hello_world, message: "${"${A:-".repeat(100_000)}${"}".repeat(100_000)}"}\n`,
      '2:34: services[0].message: given "${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-" in defaults of defaults, expected variables in defaults at most 10 deep',
    ],
    ["documents without end", fill("---\n"), /^2:1: given a second YAML document, expected one document in a file/],
    [
      "a key that is a line of 1 MB",
      `${"x".repeat(1 << 20)}: 1\n${hello}`,
      /^1:1: given broken YAML \(The : indicator/,
    ],
    [
      "a type of 1 MB",
      `services:\n  - {type: ${"h".repeat(1 << 20)}}\n`,
      /^2:12: services\[0\]\.type: given "h{70,80}…", expected a legal service type \(it is longer than 128 characters\)$/,
    ],
    [
      "a module of a hundred thousand parts",
      `services:\n  - module: ${"ocabox_tcs.services.1_.".repeat(80_000)}\n`,
      /^2:13: services\[0\]\.module: given "ocabox_tcs.{60,70}…", expected a type too: .{0,120}$/,
    ],
    ["a NUL byte", "services:\n  - hello\0world\n", "2:10: given a NUL byte, expected UTF-8 text (save it as UTF-8)"],
    [
      "a byte that is not UTF-8",
      Buffer.from("services:\n  - Za\xbf\n", "latin1"),
      "2:7: given bytes that are not UTF-8, expected UTF-8 text (save it as UTF-8)",
    ],
    [
      "a control character",
      "services:\n  - hello\u0007\u001b[31mworld\n",
      /^2:5: services\[0\]: given "hello\\u0007\\u001b\[31mworld", expected .*control character/,
    ],
    ["a tab as indentation", "services:\n\t- hello_world\n", "2:1: given a tab as indentation, expected spaces"],
    [
      "a key that stands twice",
      "services:\n  - type: hello_world\n    interval: 1\n    interval: 2\n",
      '4:5: given "interval" a second time, expected each key once in a mapping',
    ],
  ])("%s", async (_, content, expected) => {
    const { code, stdout, lines, megabytes } = await check(content);
    expect({ code, stdout, count: lines.length }).toEqual({ code: 5, stdout: "", count: 1 });
    const told = lines[0]?.replace(/^services\.yaml:/, "") ?? "";
    if (typeof expected === "string") expect(told).toBe(expected);
    else expect(told).toMatch(expected);
    expect(megabytes).toBeLessThan(LIMIT_MB);
  });
});

describe("refused in a hundred lines and a count", () => {
  test.each<[string, string, string | RegExp]>([
    ["one key again and again", `${hello}${fill("x-a: 1\n")}`, /^3:1: given "x-a" a second time/],
    ["unknown keys", `${times(100_000, (n) => `restar${n}: 1\n`)}${hello}`, /^1:1: restar0: given an unknown key/],
    ["tabs", `services:\n${"\t- hello_world\n".repeat(130_000)}`, /^2:1: given a tab as indentation/],
    [
      "one service again and again",
      `services:\n${fill("  - hello_world.main\n")}`,
      /^3:5: services\[1\]: given hello_world/,
    ],
    [
      "services that wait for nobody that is known",
      `services:\n${times(30_000, (n) => `  - {type: hello_world, variant: v${n}, after: hello_world.w${n}}\n`)}`,
      /^2:45: services\[0\]\.after: given "hello_world.w0", expected the id of a service in this file$/,
    ],
    [
      "types that nobody has",
      `services:\n${times(30_000, (n) => `  - hello_wrl${n}\n`)}`,
      /^2:5: services\[0\]: given "hello_wrl0"/,
    ],
    [
      "fields that no service has",
      `services:\n  - type: hello_world\n${times(80_000, (n) => `    intervall${n}: 1\n`)}`,
      /^3:5: hello_world\.main\.intervall0: given an unknown field/,
    ],
  ])("%s", async (_, content, expected) => {
    const { code, lines, megabytes } = await check(content);
    expect([code, lines.length]).toEqual([5, 101]);
    expect(lines[0]?.replace(/^services\.yaml:/, "")).toMatch(expected);
    expect(lines[100]).toMatch(/^… and \d+ more$/);
    expect(megabytes).toBeLessThan(LIMIT_MB);
  });
});

test("a chain of thirty thousand services that wait for each other is followed to its end", async () => {
  const chain = (last: string) =>
    `services:\n${times(30_000, (n) => `  - {type: hello_world, variant: v${n}, after: ${n === 0 ? last : `hello_world.v${n - 1}`}}\n`)}`;
  expect(await check(chain("[]"))).toMatchObject({ code: 0, stdout: "services.yaml: 30000 services, all well\n" });
  const { code, lines } = await check(chain("hello_world.v29999"));
  expect([code, lines.length]).toEqual([5, 1]);
  expect(lines[0]).toMatch(/expected services that do not wait for each other in a circle$/);
  expect(lines[0]?.length).toBeLessThan(400);
});

describe("read, however large", () => {
  test.each<[string, string]>([
    ["a value of 1 MB", `services:\n  - type: hello_world\n    message: ${"x".repeat(1 << 20)}\n`],
    ["a block of text of 2 MB", `x-a: |\n${fill("  x\n")}${hello}`],
    ["comments", `${fill("#\n").slice(hello.length)}${hello}`],
    ["comments behind a flow list", `${hello}${fill("#\n").slice(hello.length)}`],
    ["a hundred thousand anchors", `${times(90_000, (n) => `x-${n}: &a${n} 1\n`)}${hello}`],
    ["a byte order mark and Windows line ends", "\uFEFFservices:\r\n  - type: hello_world\r\n    interval: 2\r\n"],
  ])("%s", async (_, content) => {
    const { megabytes, ...said } = await check(content);
    expect(said).toEqual({ code: 0, stdout: "services.yaml: 1 service, all well\n", lines: [] });
    expect(megabytes).toBeLessThan(LIMIT_MB);
  });
});
