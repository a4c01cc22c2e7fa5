// Where everything stands below a prefix.
import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

export interface Layout {
  prefix: string;
  /** The link by which tcs is called. */
  link: string;
  /** Versions side by side, what is written where, and the lock. */
  home: string;
  manifest: string;
  lock: string;
}

export function layoutOf(prefix: string): Layout {
  const root = realPath(resolve(prefix));
  const home = join(root, "lib", "tcs");
  return {
    prefix: root,
    link: join(root, "bin", "tcs"),
    home,
    manifest: join(home, "manifest.json"),
    lock: join(home, "lock"),
  };
}

/** As processes show it, by whatever links it was named; what is not there yet, below what is. */
function realPath(path: string): string {
  if (existsSync(path) || dirname(path) === path) return realpathSync(path);
  return join(realPath(dirname(path)), basename(path));
}

/** The executable of a version. */
export function executableOf({ home }: Layout, version: string): string {
  return join(home, version, "tcs");
}

/** `/usr/local` for root, `~/.local` for others. */
export function defaultPrefix(env: Record<string, string | undefined>, isRoot: boolean): string {
  return isRoot ? systemPrefix() : userPrefix(env);
}

export function systemPrefix(): string {
  return "/usr/local";
}

export function userPrefix(env: Record<string, string | undefined>): string {
  return join(env.HOME ?? homedir(), ".local");
}

/** What stands beside the executable, by its path below the prefix. */
export const EXTRAS = {
  bash: "share/bash-completion/completions/tcs",
  zsh: "share/zsh/site-functions/_tcs",
  fish: "share/fish/vendor_completions.d/tcs.fish",
  man: "share/man/man1/tcs.1",
} as const;

export const EXTRA_NAMES = ["bash", "zsh", "fish", "man"] as const satisfies (keyof typeof EXTRAS)[];

export type ExtraTexts = Readonly<Record<keyof typeof EXTRAS, string>>;
