// Commands of the binary as an operator gives them, on a way to the broker that nothing disturbs.
import { runTcs, spawnTcs } from "../support/binary.ts";
import { within } from "../support/wait.ts";

/** What a deaf link swallows the command waits for in vain: 30 s, a reload 60. */
const ORDER_LIMIT_MS = 120_000;

export interface Answer {
  code: number;
  /** What it wrote as JSON, if it did. */
  results: Record<string, unknown>[];
  said: string;
}

export class Operator {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async order(...words: string[]): Promise<Answer> {
    await using tcs = spawnTcs([...words, "--json", "--port", String(this.#port)], { env: ENV });
    const code = await within(`tcs ${words.join(" ")}`, tcs.exited, ORDER_LIMIT_MS);
    return { code, results: resultsIn(tcs.stdout), said: tcs.stderr.trim() };
  }

  /** Every service that the broker knows, as `tcs status` shows it; undefined when it cannot be read. */
  async status(): Promise<Shown[] | undefined> {
    const { code, stdout } = await runTcs(["status", "--json", "--all", "--port", String(this.#port)], { env: ENV });
    if (code !== 0) return undefined;
    return (JSON.parse(stdout) as { services: Shown[] }).services;
  }
}

/** A row of `tcs status --json`, as far as it is looked at. */
export interface Shown {
  service_id: string;
  kind: string;
  status: string;
  health: string;
  reason?: string;
  running: boolean;
  parent?: string;
  hostname?: string;
  pid?: number;
}

const ENV = { USER: "soak" };

function resultsIn(text: string): Record<string, unknown>[] {
  if (text.trim() === "") return [];
  const { results } = JSON.parse(text) as { results?: Record<string, unknown>[] };
  return results ?? [];
}
