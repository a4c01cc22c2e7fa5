// A terminal that a test looks at and types into: a program of Debian, with a server of its own for each test.
import { join } from "node:path";
import { tcsBinary } from "./binary.ts";
import { tempFolder } from "./temp.ts";
import { LIMIT_MS, waitFor } from "./wait.ts";

export interface TmuxOptions {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  /** What runs in it; default: a shell. The terminal goes when it ends. */
  command?: string[];
}

export interface Terminal extends AsyncDisposable {
  /** Types keys by tmux's names: `j`, `Enter`, `Escape`, `C-c`, `Down`. */
  press(...keys: string[]): Promise<void>;
  /** Text as it is. */
  type(text: string): Promise<void>;
  /** As from a clipboard: marked as pasted, if the program wants that. */
  paste(text: string): Promise<void>;
  /** The lines on the screen, without blanks at their ends. */
  screen(): Promise<string[]>;
  /** The screen with its colours. */
  colours(): Promise<string>;
  /** Waits until the screen shows this; gives its lines. */
  shows(pattern: RegExp | string, limitMs?: number): Promise<string[]>;
  resize(columns: number, rows: number): Promise<void>;
  /** A variable of tmux's, as `alternate_on`, `cursor_flag`, `pane_pid`. */
  ask(name: string): Promise<string>;
}

/** Whether there is a tmux. CI installs one. */
export const HAS_TMUX = Bun.which("tmux") !== null;

/** A shell in a terminal of 80x24, unless told otherwise; `tcs` is on its path. */
export async function openTerminal(options: TmuxOptions = {}): Promise<Terminal> {
  const { columns = 80, rows = 24, env = {}, command = ["sh"] } = options;
  const folder = tempFolder("tcs-tmux-");
  const socket = join(folder.path, "socket");
  const tmux = async (...args: string[]): Promise<string> => {
    const child = Bun.spawn(["tmux", "-S", socket, "-f", "/dev/null", "-u", ...args], {
      cwd: folder.path,
      env: {
        PATH: `${join(tcsBinary(), "..")}:${process.env.PATH}`,
        HOME: folder.path,
        LANG: "C.UTF-8",
        TERM: "xterm-256color",
        TCS_STATE_DIR: join(folder.path, ".state"),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [said, complained, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    if (code !== 0) throw new Error(`tmux ${args.join(" ")}: ${complained}`);
    return said;
  };
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), ...command);
  const screen = async () => (await tmux("capture-pane", "-p")).split("\n").map((line) => line.trimEnd());
  return {
    press: async (...keys) => void (await tmux("send-keys", ...keys)),
    type: async (text) => void (await tmux("send-keys", "-l", text)),
    paste: async (text) => {
      await tmux("set-buffer", text);
      await tmux("paste-buffer", "-p");
    },
    screen,
    colours: () => tmux("capture-pane", "-p", "-e"),
    async shows(pattern, limitMs = LIMIT_MS) {
      let lines: string[] = [];
      const look = async () => {
        lines = await screen();
        const text = lines.join("\n");
        return typeof pattern === "string" ? text.includes(pattern) : pattern.test(text);
      };
      await waitFor(`${pattern} on the screen`, look, limitMs).catch((error: Error) => {
        throw new Error(`${error.message}:\n${lines.join("\n")}`);
      });
      return lines;
    },
    resize: async (width, height) => void (await tmux("resize-window", "-x", String(width), "-y", String(height))),
    ask: async (name) => (await tmux("display-message", "-p", `#{${name}}`)).trim(),
    async [Symbol.asyncDispose]() {
      // Gone already, if its shell was ended.
      await tmux("kill-server").catch(() => undefined);
      folder[Symbol.dispose]();
    },
  };
}
