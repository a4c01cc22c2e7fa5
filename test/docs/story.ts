// Does what a document tells its reader to do, block by block, in a folder with the binary and the samples of config/.
import { chmodSync, cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawnTcs, tcsBinary } from "../support/binary.ts";
import { freePort } from "../support/ports.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { LIMIT_MS, within } from "../support/wait.ts";
import { type Block, type MarkdownDocument, ROOT } from "./markdown.ts";
import { Running } from "./running.ts";
import { comparableLines, missingFrom, saysTheSame } from "./said.ts";

/** Columns of the recorded output. */
const COLUMNS = "110";
/** What a terminal shows when Ctrl-C is pressed. */
const CTRL_C = "^C";
/** These only look: what they show may take a moment to come about. */
const LOOKS = /^tcs (status|doctor)\b/;
const LOOK_AGAIN_MS = 200;
const LOOK_LIMIT_MS = 20_000;

/** A broker on a port of its own stands for the one on 4222, so that documents can be tested side by side. */
export async function openStory(document: MarkdownDocument): Promise<Story> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(tempFolder("tcs-docs-"));
  cpSync(join(ROOT, "config"), join(folder.path, "config"), { recursive: true });
  const env = environment(folder);
  const broker = stack.use(spawnTcs(["broker", "--port", String(await freePort())], { cwd: folder.path, env }));
  await broker.waitForLine(/Ctrl-C ends it/);
  return new Story(document, folder, env, stack.move());
}

function environment(folder: TempFolder): Record<string, string> {
  return {
    PATH: `${dirname(tcsBinary())}:${process.env.PATH}`,
    HOME: folder.path,
    LANG: "C.UTF-8",
    COLUMNS,
    TCS_STATE_DIR: join(folder.path, ".local/state/tcs"),
    // For what npm would install.
    TCS_PACKAGE: ROOT,
  };
}

interface Said {
  code: number;
  text: string;
}

export class Story implements AsyncDisposable {
  readonly #document: MarkdownDocument;
  readonly #root: TempFolder;
  readonly #env: Record<string, string>;
  /** Ends with the story: its folder, its broker, what runs in it. */
  readonly #stack: AsyncDisposableStack;
  /** Where the reader is: `cd` counts for the blocks that follow. */
  #cwd: string;
  #background: Running | undefined;

  constructor(document: MarkdownDocument, root: TempFolder, env: Record<string, string>, stack: AsyncDisposableStack) {
    this.#document = document;
    this.#root = root;
    this.#env = env;
    this.#stack = stack;
    this.#cwd = root.path;
  }

  get folder(): string {
    return this.#cwd;
  }

  /** @throws Error when it does not go as the document shows */
  async tell(block: Block): Promise<void> {
    const { language, directive } = block;
    if (directive.kind === "skip") return;
    if (directive.kind === "file") await this.#write(directive.name, block.text);
    else if (directive.kind === "same") await this.#compare(block, directive.name);
    else if (language === "sh") await this.#script(block);
    else if (language === "console") await this.#session(block);
  }

  async #write(name: string, text: string): Promise<void> {
    const path = join(this.#cwd, name);
    await Bun.write(path, text);
    if (text.startsWith("#!")) chmodSync(path, 0o755);
  }

  async #compare(block: Block, name: string): Promise<void> {
    // Written by a command of the story, or one of ours.
    const written = Bun.file(join(this.#cwd, name));
    const text = await ((await written.exists()) ? written : Bun.file(join(ROOT, name))).text();
    if (!text.includes(block.text)) throw this.#error(block, `${name} is otherwise:`, text);
  }

  /** A block of commands without output: all must go well. */
  async #script(block: Block): Promise<void> {
    const expected = block.directive.kind === "exit" ? block.directive.code : 0;
    const said = await this.#run(`set -e\n${block.text}`);
    if (said.code !== expected) throw this.#error(block, `ended with code ${said.code}`, said.text);
  }

  /** A block as a terminal shows it: `$ command`, then what it said. */
  async #session(block: Block): Promise<void> {
    const steps = block.text.split(/^\$ /m).slice(1);
    for (const [index, step] of steps.entries()) {
      const [command = "", ...output] = step.trimEnd().split("\n");
      const isLast = index === steps.length - 1;
      if (isLast && block.directive.kind === "background") await this.#inBackground(block, command, output);
      else if (output.some((line) => line.trim() === CTRL_C)) await this.#untilCtrlC(block, command, output);
      else await this.#finite(block, command, output, isLast);
    }
  }

  async #finite(block: Block, command: string, output: string[], isLast: boolean): Promise<void> {
    const shown = comparableLines(output.join("\n"));
    const code = isLast && block.directive.kind === "exit" ? block.directive.code : 0;
    const giveUpAt = performance.now() + (LOOKS.test(command) ? LOOK_LIMIT_MS : 0);
    for (;;) {
      const said = await this.#run(command);
      if (said.code === code && saysTheSame(shown, comparableLines(said.text))) return;
      if (performance.now() > giveUpAt) {
        throw this.#error(block, `"${command}" ended with code ${said.code} and said otherwise`, said.text);
      }
      await Bun.sleep(LOOK_AGAIN_MS);
    }
  }

  async #inBackground(block: Block, command: string, output: string[]): Promise<void> {
    await this.#background?.end();
    this.#background = this.#start(command);
    await this.#waitForLines(block, this.#background, output);
  }

  async #untilCtrlC(block: Block, command: string, output: string[]): Promise<void> {
    const at = output.findIndex((line) => line.trim() === CTRL_C);
    const running = this.#start(command);
    await this.#waitForLines(block, running, output.slice(0, at));
    const code = await running.end();
    await this.#waitForLines(block, running, output.slice(at + 1));
    const expected = block.directive.kind === "exit" ? block.directive.code : 130;
    if (code !== expected) throw this.#error(block, `"${command}" ended with code ${code} after Ctrl-C`, running.text);
  }

  /** Lines of several services come in any order. */
  async #waitForLines(block: Block, running: Running, output: string[]): Promise<void> {
    const shown = comparableLines(output.join("\n"));
    const deadline = performance.now() + LIMIT_MS;
    for (;;) {
      const { isSilent } = running;
      const missing = missingFrom(shown, comparableLines(running.text));
      if (missing.length === 0) return;
      if (isSilent || performance.now() > deadline) {
        throw this.#error(block, `never said: ${missing.join(" / ")}`, running.text);
      }
      await Bun.sleep(20);
    }
  }

  /** Standard output and error together, as on a terminal. */
  async #run(script: string): Promise<Said> {
    const place = join(this.#root.path, ".cwd");
    const child = Bun.spawn(["sh", "-c", `trap 'pwd >"${place}"' EXIT\nexec 2>&1\n${script}`], {
      cwd: this.#cwd,
      env: this.#env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [text, code] = await within(script, Promise.all([child.stdout.text(), child.exited]));
    this.#cwd = (await Bun.file(place).text()).trim();
    return { code, text };
  }

  #start(command: string): Running {
    return this.#stack.use(new Running(command, this.#cwd, this.#env));
  }

  #error(block: Block, what: string, text: string): Error {
    return new Error(`${this.#document.path}:${block.line}: ${what}\n${text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
