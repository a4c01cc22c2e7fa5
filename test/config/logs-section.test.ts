// `logs:` in a configuration: sizes as people write them, and what is no size.
import { expect, test } from "bun:test";
import { linesOf, load } from "./support.ts";

const withLogs = (logs: string) => load(`services: [hello_world]\nlogs: ${logs}\n`);

test.each<[string, number]>([
  ["10MB", 10 * 2 ** 20],
  ["512KB", 512 * 2 ** 10],
  ["65536", 65536],
  ["65536B", 65536],
  ["'65536'", 65536],
  ["1.5 GiB", 1.5 * 2 ** 30],
  ["64k", 64 * 2 ** 10],
  ["2m", 2 * 2 ** 20],
])("max_size: %s is %d bytes", async (written, bytes) => {
  expect((await withLogs(`{max_size: ${written}}`)).logs).toEqual({ maxBytes: bytes });
});

test("size and number of files may come from the environment", async () => {
  const text = `services: [hello_world]\nlogs:\n  max_size: \${SIZE}\n  files: \${FILES:-3}\n`;
  expect((await load(text, { env: { SIZE: "20MB" } })).logs).toEqual({ maxBytes: 20 * 2 ** 20, files: 3 });
});

test("what is not said has its default", async () => {
  expect((await withLogs("{files: 7}")).logs).toEqual({ files: 7 });
  expect((await withLogs("{max_size: ~}")).logs).toEqual({});
  expect((await withLogs("~")).logs).toBeUndefined();
});

const SIZE = "a size from 16KB to 10GB, as 10MB, 512KB or a number of bytes";
test.each<[string, string]>([
  ["{max_size: big}", `2:18: logs.max_size: given "big", expected ${SIZE}`],
  ["{max_size: 10 XB}", `2:18: logs.max_size: given "10 XB", expected ${SIZE}`],
  ["{max_size: -1}", `2:18: logs.max_size: given -1, expected ${SIZE}`],
  ["{max_size: 1000}", `2:18: logs.max_size: given 1000, expected ${SIZE}`],
  ["{max_size: 11GB}", `2:18: logs.max_size: given "11GB", expected ${SIZE}`],
  ["{max_size: [1]}", `2:18: logs.max_size: given a list of 1, expected ${SIZE}`],
  ["{max_size: true}", `2:18: logs.max_size: given true, expected ${SIZE}`],
  ["{files: 0}", "2:15: logs.files: given 0, expected a whole number from 1 to 100"],
  ["{files: many}", '2:15: logs.files: given "many", expected a whole number from 1 to 100'],
  [
    "{maxsize: 1MB}",
    '2:8: logs.maxsize: given an unknown key, expected one of max_size, files (did you mean "max_size"?)',
  ],
  ["10MB", '2:7: logs: given "10MB", expected a mapping with max_size and files'],
])("logs: %s is refused", async (logs, line) => {
  expect(await linesOf(withLogs(logs))).toEqual([`services.yaml:${line}`]);
});
