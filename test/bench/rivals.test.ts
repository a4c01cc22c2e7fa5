// The measurement beside other supervisors: what it makes of figures, and that the documents have what it writes.
import { expect, test } from "bun:test";
import { PAGE, PICTURE, sectionOf, withSection } from "./rivals/document.ts";
import type { Figures } from "./rivals/measure.ts";
import { plotOf } from "./rivals/plot.ts";
import { aheadText, readTable, tableOf } from "./rivals/report.ts";
import { readReports } from "./rivals/reports.ts";
import { aheadIn, resultOf } from "./rivals/result.ts";

const COUNT = 50;
const run = (startMs: number, restartMs: number[], stopMs: number, memoryMb: number): Figures => ({
  startMs,
  restartMs,
  stopMs,
  memoryMb,
});
const RESULTS = [
  resultOf("tcs", "1.2.3", [run(200, [5, 6], 10, 90.4), run(240, [7.25], 20, 90.6), run(100, [9], 15, 90)]),
  resultOf("slim", "0.9", [run(120, [1002, 1003], 30, 4.96)]),
  resultOf("big & <slow>", "7", [run(2_345.6, [6], 10, 45)]),
];

test("programs are heard by whole lines, however they arrive", () => {
  const first = readReports("n1 4711\nn2 47");
  expect(first).toEqual({ said: [{ name: "n1", pid: 4711 }], rest: "n2 47" });
  expect(readReports(`${first.rest}12\nnoise\n`)).toEqual({ said: [{ name: "n2", pid: 4712 }], rest: "" });
});

test("a result is the median of all runs and kills, with the least and the greatest", () => {
  expect(RESULTS[0]).toEqual({
    name: "tcs",
    version: "1.2.3",
    start: { median: 200, least: 100, most: 240 },
    restart: { median: 6.625, least: 5, most: 9 },
    stop: { median: 15, least: 10, most: 20 },
    memory: { median: 90.4, least: 90, most: 90.6 },
  });
});

test("the table is Markdown, and what it shows is read back from it", () => {
  const table = tableOf(RESULTS, COUNT);
  expect(table).toBe(`| | version | start of 50 | killed to running | stop of 50 | memory of the supervisor |
|---|---|---|---|---|---|
| tcs | 1.2.3 | 200 ms (100–240) | 6.6 ms (5.0–9.0) | 15 ms (10–20) | 90 MB (90–91) |
| slim | 0.9 | 120 ms (120–120) | 1,003 ms (1,002–1,003) | 30 ms (30–30) | 5.0 MB (5.0–5.0) |
| big & <slow> | 7 | 2,346 ms (2,346–2,346) | 6.0 ms (6.0–6.0) | 10 ms (10–10) | 45 MB (45–45) |
`);
  expect(tableOf(readTable(table), COUNT)).toBe(table);
  expect(readTable(table)[2]?.start).toEqual({ median: 2346, least: 2346, most: 2346 });
});

test("the memory of services of tcs is said to be that of all of them, and is no bar beside supervisors", () => {
  const [ours] = RESULTS;
  if (!ours) throw new Error("no results");
  const results = [ours, { ...ours, name: "tcs services, inline" }];
  const table = tableOf(results, COUNT);
  expect(table).toContain(
    "| tcs services, inline | 1.2.3 | 200 ms (100–240) | 6.6 ms (5.0–9.0) | 15 ms (10–20) | 90 MB in all (90–91) |",
  );
  expect(tableOf(readTable(table), COUNT)).toBe(table);
  expect(plotOf(results, COUNT).match(/<rect class="ours"/g)).toHaveLength(3 * 2 + 1);
});

test("a cell of another form is refused", () => {
  const table = tableOf(RESULTS, COUNT);
  expect(() => readTable(table.replace("200 ms", "200 MB"))).toThrow('"200 MB (100–240)" is no start');
  expect(() => readTable(table.replace("| 90 MB (90–91) |", "|"))).toThrow('"" is no memory');
});

test("whoever takes less than tcs with the same programs is named, the least first", () => {
  expect(aheadIn("memory", RESULTS).map(({ name }) => name)).toEqual(["slim", "big & <slow>"]);
  expect(aheadIn("start", RESULTS)).toEqual([{ name: "slim", quotient: 0.6 }]);
  expect(aheadText(RESULTS, COUNT)).toContain("- start of 50: slim (0.60 of it)\n- killed to running: big");
  // The same program in other homes of tcs is no rival.
  const [ours] = RESULTS;
  if (!ours) throw new Error("no results");
  expect(
    aheadIn("stop", [ours, { ...ours, name: "tcs services, inline", stop: { median: 1, least: 1, most: 1 } }]),
  ).toEqual([]);
});

test("the picture has a bar for each supervisor in each field, as long as its figure", () => {
  const picture = plotOf(RESULTS, COUNT);
  const bars = [...picture.matchAll(/<rect class="(ours|rival)" .*?width="([\d.]+)"/g)];
  expect(bars.map(([, whose]) => whose)).toEqual(Array.from({ length: 4 }, () => ["ours", "rival", "rival"]).flat());
  const [tcs, slim, big] = bars.map(([, , width]) => Number(width));
  expect((tcs ?? 0) / (big ?? 1)).toBeCloseTo(200 / 2345.6, 2);
  expect((slim ?? 0) / (big ?? 1)).toBeCloseTo(120 / 2345.6, 2);
  expect(picture).toContain("big &amp; &lt;slow></text>");
  expect(picture).toContain("prefers-color-scheme: dark");
});

test("only what is between the marks of a page is replaced", () => {
  const page = "# A\n<!-- rivals: written by test/bench/rivals.ts -->\nold\n<!-- rivals: end -->\nB\n";
  expect(sectionOf(page)).toBe("old\n");
  expect(withSection(page, "new\n")).toBe(page.replace("old", "new"));
  expect(() => sectionOf("# A\n")).toThrow("expected the lines");
});

test("docs/performance.md has a table of that form, and the picture beside it shows the same", async () => {
  const section = sectionOf(await Bun.file(PAGE).text());
  const table = section.slice(section.indexOf("| |"), section.indexOf("\n\nLess than tcs") + 1);
  const results = readTable(table);
  expect(tableOf(results, COUNT)).toBe(table);
  expect(results.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["tcs", "tcs services, inline", "tcs services, worker", "tcs services, process"]),
  );
  // A rival that was left out is named with the reason.
  for (const rival of ["systemd", "runit", "s6", "supervisor", "pm2"]) {
    expect(results.some(({ name }) => name === rival) || section.includes(`Without ${rival}: `)).toBe(true);
  }
  expect(await Bun.file(PICTURE).text()).toBe(plotOf(results, COUNT));
});
