// Asking processes of this host whether they are alive: answers, silence, and sockets that were left behind.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { answerForLife, askForLife } from "../../src/common/sign-of-life.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const LIMIT_MS = 300;
const SIGN = { id: "launcher.x", status: "ok", message: "2 of 2", healthy: true };

let folder: TempFolder;
let before: string | undefined;
beforeEach(() => {
  folder = tempFolder();
  before = process.env.TCS_STATE_DIR;
  process.env.TCS_STATE_DIR = folder.path;
});
afterEach(() => {
  if (before === undefined) delete process.env.TCS_STATE_DIR;
  else process.env.TCS_STATE_DIR = before;
  folder[Symbol.dispose]();
});

/** Something else that listens where a process of ours would. */
async function impostor(pid: number, answer?: string): Promise<Server> {
  await folder.write("alive/.keep", "");
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (answer !== undefined) socket.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(join(folder.path, "alive", `${pid}.sock`), resolve));
  return server;
}

test("a process says each time how it is then", async () => {
  let message = "1 of 2";
  const end = await answerForLife(() => ({ ...SIGN, message }));
  expect(await askForLife(LIMIT_MS)).toEqual([{ ...SIGN, pid: process.pid, message: "1 of 2" }]);
  message = "2 of 2";
  expect(await askForLife(LIMIT_MS)).toEqual([{ ...SIGN, pid: process.pid, message: "2 of 2" }]);
  end();
  end();
  expect(await askForLife(LIMIT_MS)).toEqual([]);
});

test("a socket that was left behind is nobody, and gives way to its next owner", async () => {
  const path = join(folder.path, "alive", `${process.pid}.sock`);
  const child = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await folder.write("alive/.keep", "");
  await Bun.spawn([process.execPath, "-e", child]).exited;
  expect(existsSync(path)).toBe(true);
  expect(await askForLife(LIMIT_MS)).toEqual([]);
  const end = await answerForLife(() => SIGN);
  expect(await askForLife(LIMIT_MS)).toHaveLength(1);
  end();
});

test("one that does not answer, and one that answers nonsense, are at fault", async () => {
  const silent = await impostor(1);
  const mad = await impostor(2, "nonsense\n");
  expect(await askForLife(LIMIT_MS)).toEqual([
    { pid: 1, fault: "no answer within 0.3 s" },
    { pid: 2, fault: "an answer that is none" },
  ]);
  silent.close();
  mad.close();
});

test("a state folder whose path is too long for a socket is refused with the reason", async () => {
  process.env.TCS_STATE_DIR = join(folder.path, "x".repeat(100));
  await expect(answerForLife(() => SIGN)).rejects.toThrow("longer than a socket's may be");
});
