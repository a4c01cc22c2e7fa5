// Which tcs is being built: its version, commit and date, told by git.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";

/** What a build stamps on the executable. */
export interface Identity {
  /** As `1.2.0` where the commit has the tag `v1.2.0`; before the next one `1.2.1-dev.5+g3f2a91c`: 5 commits later. */
  version: string;
  /** 7 digits; "unknown" without git. */
  commit: string;
  /** Of the commit, as `2026-11-21` (UTC), so that a commit is built the same on any day. */
  date: string;
  /** Seconds since 1970. */
  time: number;
}

/** What git says of the sources. */
export interface Sources {
  identity: Identity;
  /** The version that the commit is tagged with. */
  tag: string | undefined;
  /** Files that differ from the commit. */
  changed: string[];
  /** False for a source archive. */
  inGit: boolean;
}

/** @param root folder of package.json, which gives the version that is being worked on */
export async function readSources(
  root: string,
  env: Record<string, string | undefined> = process.env,
): Promise<Sources> {
  const { version: planned } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const told = await askGit(root);
  const time = Number(env.SOURCE_DATE_EPOCH ?? told?.time ?? Math.floor(Date.now() / 1000));
  const date = new Date(time * 1000).toISOString().slice(0, 10);
  if (!told) {
    const identity = { version: `${planned}+dev`, commit: "unknown", date, time };
    return { identity, tag: undefined, changed: [], inGit: false };
  }
  const { commit, lastTag, commits, changed } = told;
  const tag = commits === 0 ? lastTag : undefined;
  const version =
    tag !== undefined && changed.length === 0
      ? tag
      : developmentVersion({ planned, lastTag, commits, commit, changed });
  return { identity: { version, commit, date, time }, tag, changed, inGit: true };
}

interface Development {
  planned: string;
  lastTag: string | undefined;
  commits: number;
  commit: string;
  changed: readonly string[];
}

/** After all that is released, before what comes: of the version in package.json, or the next one if that is released. */
export function developmentVersion({ planned, lastTag, commits, commit, changed }: Development): string {
  const coming = lastTag === undefined || Bun.semver.order(planned, lastTag) > 0 ? planned : afterwards(lastTag);
  return `${coming}-dev.${commits}+g${commit}${changed.length === 0 ? "" : ".modified"}`;
}

function afterwards(version: string): string {
  const [plain = "", preRelease] = version.split("-", 2);
  const [major, minor, patch] = plain.split(".").map(Number);
  return preRelease === undefined ? `${major}.${minor}.${(patch ?? 0) + 1}` : plain;
}

interface GitAnswers {
  commit: string;
  time: number;
  /** Without its `v`; undefined before the first release. */
  lastTag: string | undefined;
  /** Since then, or in all. */
  commits: number;
  changed: string[];
}

/** Undefined without git, or where the folder is part of somebody else's repository. */
async function askGit(root: string): Promise<GitAnswers | undefined> {
  const git = async (...words: string[]) => (await run(["git", ...words], { cwd: root })).trim();
  try {
    if ((await git("rev-parse", "--show-prefix")) !== "") return undefined;
    const [log, status] = await Promise.all([
      git("log", "-1", "--abbrev=7", "--format=%h %ct"),
      git("status", "--porcelain"),
    ]);
    const [commit = "", time] = log.split(" ");
    const changed = status === "" ? [] : status.split("\n").map((line) => line.trim().replace(/^\S+\s+/, ""));
    return { commit: commit.slice(0, 7), time: Number(time), changed, ...(await lastRelease(git)) };
  } catch {
    // No git, or a source archive without a repository: neither is needed to build.
    return undefined;
  }
}

async function lastRelease(
  git: (...words: string[]) => Promise<string>,
): Promise<Pick<GitAnswers, "lastTag" | "commits">> {
  try {
    // As v0.1.0-12-g3f2a91c.
    const described = await git("describe", "--tags", "--long", "--match", "v[0-9]*");
    const [, lastTag, commits] = /^v(.+)-(\d+)-g[0-9a-f]+$/.exec(described) ?? [];
    return { lastTag, commits: Number(commits) };
  } catch {
    // Nothing is tagged yet.
    return { lastTag: undefined, commits: Number(await git("rev-list", "--count", "HEAD")) };
  }
}
