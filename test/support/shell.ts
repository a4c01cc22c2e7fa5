// A shell at a terminal, as a person uses it: keys in, the screen's text out.
import { dirname } from "node:path";
import { tcsBinary } from "./binary.ts";
import { waitFor } from "./wait.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type ShellName = (typeof SHELLS)[number];

/** Without anybody's settings. */
const COMMANDS: Record<ShellName, string[]> = {
  bash: ["bash", "--norc", "--noprofile", "-i"],
  zsh: ["zsh", "-f", "-i"],
  fish: ["fish", "--no-config", "-i"],
};

export interface Shell extends AsyncDisposable {
  type(keys: string): void;
  /** The first match in what appeared since the keys before the last call of `type`. */
  see(pattern: RegExp): Promise<RegExpMatchArray>;
}

export function hasShell(name: ShellName): boolean {
  return Bun.which(name) !== null;
}

/** Opens a shell that finds `tcs` on its PATH. Disposing ends it. */
export async function openShell(
  name: ShellName,
  options: { cwd: string; env: Record<string, string> },
): Promise<Shell> {
  let text = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn(COMMANDS[name], {
    cwd: options.cwd,
    env: {
      PATH: `${dirname(tcsBinary())}:${process.env.PATH}`,
      HOME: options.cwd,
      LANG: "C.UTF-8",
      TERM: "xterm",
      PS1: "ready> ",
      ...options.env,
    },
    terminal: {
      cols: 120,
      rows: 40,
      data(_terminal, data) {
        // Without the bell.
        text += Bun.stripANSI(decoder.decode(data, { stream: true })).replaceAll("\u0007", "");
      },
    },
  });
  const shell: Shell = {
    type(keys) {
      text = "";
      child.terminal?.write(keys);
    },
    async see(pattern) {
      try {
        return await waitFor(String(pattern), () => text.match(pattern));
      } catch (cause) {
        throw new Error(`${name} never showed ${pattern}; it showed:\n${text}`, { cause });
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      child.terminal?.close();
    },
  };
  // Its first prompt: from then on it reads keys.
  await shell.see(/[>#%$]\s*$/);
  return shell;
}
