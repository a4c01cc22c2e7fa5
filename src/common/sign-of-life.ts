// Whether a process of ours is alive, asked on its own host: a socket in the state folder, answered by its event loop.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describeError } from "./errors.ts";
import { isJsonObject } from "./json.ts";
import { stateFolder } from "./paths.ts";

/** unix(7): a path of 108 bytes with its end; longer ones are cut off by some systems without a word. */
const LONGEST_PATH = 107;
const SUFFIX = ".sock";

/** What a process says of itself. */
export interface SignOfLife {
  pid: number;
  /** The id of the launcher, or of a service run by hand. */
  id: string;
  status: string;
  message: string;
  /** It does what it should: nothing it runs is in trouble. */
  healthy: boolean;
}

/** What came of asking one process: its answer, or why there is none. */
export type LifeAnswer = SignOfLife | { pid: number; fault: string };

/** Ends the answering; more than once does no harm. */
export type EndOfAnswers = () => void;

/**
 * Answers `askForLife()` from this event loop until it is ended. Needs no broker, and keeps no process alive.
 * @param say asked each time
 * @throws Error of the system: no socket can be made there
 */
export async function answerForLife(say: () => Omit<SignOfLife, "pid">): Promise<EndOfAnswers> {
  const path = join(folder(), `${process.pid}${SUFFIX}`);
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new Error(`the path ${path} is longer than a socket's may be (${LONGEST_PATH} bytes)`);
  }
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  // Of a process that had our pid, as in every start of a container.
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(`${JSON.stringify({ pid: process.pid, ...say() })}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  server.unref();
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

/**
 * Asks every process of this state folder that answers for its life. Those that have gone are not among them.
 * @param limitMs how long an answer may take
 */
export async function askForLife(limitMs: number): Promise<LifeAnswer[]> {
  const answers = await Promise.all(listSockets().map(({ pid, path }) => ask(pid, path, limitMs)));
  return answers.filter((answer) => answer !== undefined);
}

function folder(): string {
  return join(stateFolder(), "alive");
}

function listSockets(): { pid: number; path: string }[] {
  let names: string[];
  try {
    names = readdirSync(folder());
  } catch {
    // Nothing has ever run here, or nothing that may be seen.
    return [];
  }
  return names
    .filter((name) => /^\d+\.sock$/.test(name))
    .map((name) => ({ pid: Number(name.slice(0, -SUFFIX.length)), path: join(folder(), name) }))
    .sort((a, b) => a.pid - b.pid);
}

/** Undefined when the process has gone and left its socket behind. */
function ask(pid: number, path: string, limitMs: number): Promise<LifeAnswer | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(path);
    const limit = setTimeout(() => settle({ pid, fault: `no answer within ${limitMs / 1000} s` }), limitMs);
    const settle = (answer: LifeAnswer | undefined) => {
      clearTimeout(limit);
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => settle(parseSign(text) ?? { pid, fault: "an answer that is none" }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const hasGone = error.code === "ECONNREFUSED" || error.code === "ENOENT";
      settle(hasGone ? undefined : { pid, fault: describeError(error) });
    });
  });
}

function parseSign(text: string): SignOfLife | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // It ended in the middle of its answer.
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { pid, id, status, message, healthy } = value;
  const isWhole =
    typeof pid === "number" &&
    typeof id === "string" &&
    typeof status === "string" &&
    typeof message === "string" &&
    typeof healthy === "boolean";
  return isWhole ? { pid, id, status, message, healthy } : undefined;
}
