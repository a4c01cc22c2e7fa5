// A command in another terminal: goes on until Ctrl-C.
import { within } from "../support/wait.ts";

export class Running implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "ignore">;
  #text = "";
  #silent = false;

  constructor(command: string, cwd: string, env: Record<string, string>) {
    this.#child = Bun.spawn(["sh", "-c", `exec 2>&1\nexec ${command}`], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    void this.#read();
  }

  /** All it said so far. */
  get text(): string {
    return this.#text;
  }

  /** It has ended, and `text` is all it will have said. */
  get isSilent(): boolean {
    return this.#silent;
  }

  /** Ctrl-C. @returns its exit code */
  async end(): Promise<number> {
    this.#child.kill("SIGINT");
    return await within("the end of a background command", this.#child.exited);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) this.#text += decoder.decode(chunk, { stream: true });
    this.#silent = true;
  }
}
