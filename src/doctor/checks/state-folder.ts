// The folder that outlives processes: locks, what operators have stopped, logs, the broker's data.
import { access, constants, readdir, stat, statfs, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError } from "../../common/errors.ts";
import { stateFolder } from "../../common/paths.ts";
import { bytes } from "../bytes.ts";
import type { HostContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";

const ELSEWHERE = "set TCS_STATE_DIR to a folder you can write to";
/** Less than both, a part of the disk and bytes, is little. */
const LITTLE_PART = 0.1;
const LITTLE_BYTES = 2 ** 30;
/** The broker needs some of it to write at all. */
const LEAST_BYTES = 64 * 2 ** 20;

export async function checkStateFolder({ env }: HostContext): Promise<Finding[]> {
  const folder = stateFolder(env);
  const place = await nearestThere(folder);
  if (place === undefined) return [error(`${folder} is no folder`, ELSEWHERE)];
  const trouble = [...(await judgeWriting(folder, place)), ...(await judgeOwner(folder))];
  const room = await judgeRoom(place);
  const logs = place === folder ? await sizeOf(join(folder, "logs")) : 0;
  // A full disk has been told already.
  if (room.level !== "ok" && trouble.length === 0) trouble.push(room);
  if (trouble.length > 0) return trouble;
  return [
    ok(`${short(folder, env.HOME)}${place === folder ? "" : " (not made yet)"}: ${room.text}, logs ${bytes(logs)}`),
  ];
}

/** As people write it. */
function short(path: string, home: string | undefined): string {
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** The folder, or what would hold it; undefined when something else is in its place. */
async function nearestThere(folder: string): Promise<string | undefined> {
  for (let path = folder; ; path = dirname(path)) {
    const found = await stat(path).catch(() => undefined);
    if (found) return found.isDirectory() ? path : undefined;
    if (dirname(path) === path) return undefined;
  }
}

/** By writing: a full disk and a read-only one say so only then. Nothing is made that was not there. */
async function judgeWriting(folder: string, place: string): Promise<Finding[]> {
  const scratch = join(place, `.doctor.${process.pid}`);
  try {
    if (place === folder) {
      await writeFile(scratch, Buffer.alloc(4_096), { mode: 0o600 });
      await unlink(scratch);
    } else await access(place, constants.W_OK);
    return [];
  } catch (cause) {
    // What was begun on a full disk is there all the same.
    await unlink(scratch).catch(() => undefined);
    const isFull = (cause as NodeJS.ErrnoException).code === "ENOSPC";
    return [
      error(
        `${folder} cannot be written to: ${describeError(cause)}`,
        isFull ? `make room on its disk: du -sh ${folder}/*` : ELSEWHERE,
      ),
    ];
  }
}

/** What another user has made there, as a `sudo tcs` does, is in everybody's way. */
async function judgeOwner(folder: string): Promise<Finding[]> {
  const me = process.getuid?.();
  if (me === undefined) return [];
  const paths = [folder, ...["bin", "broker", "launchers", "logs", "owners"].map((name) => join(folder, name))];
  for (const path of paths) {
    const owner = (await stat(path).catch(() => undefined))?.uid;
    if (owner === undefined || owner === me) continue;
    const text = `${path} belongs to another user (uid ${owner}, not ${me})`;
    // Root may do everything there, and by it spoils the folder for its owner.
    if (me === 0) return [warning(text, "run tcs as that user: what root makes there that user cannot change")];
    return [error(text, `sudo chown -R ${me} ${folder}, or set TCS_STATE_DIR to a folder of your own`)];
  }
  return [];
}

async function judgeRoom(place: string): Promise<Finding> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(place);
  const free = bavail * bsize;
  const text = `${bytes(free)} free`;
  const advice = `make room on the disk of ${place}: du -sh ${place}/*`;
  if (free < LEAST_BYTES) return error(`${text} on the disk of ${place}: logs and the broker's data need more`, advice);
  // File systems without a number of their own tell 0 of 0.
  if (files > 0 && ffree < files * 0.01) return warning(`nearly no inodes left on the disk of ${place}`, advice);
  const isLittle = free < LITTLE_BYTES && free < blocks * bsize * LITTLE_PART;
  return isLittle ? warning(`${text} on the disk of ${place}: little`, advice) : ok(text);
}

/** Bytes of the files in a folder and its folders; what cannot be read counts for nothing. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return await sizeOf(path);
      return (await stat(path).catch(() => undefined))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
