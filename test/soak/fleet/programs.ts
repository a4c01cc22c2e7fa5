// What the services of a soak are: each tells the witness, by a connection of its own, that it lives, and fails when it is told to.

/** Shared by the service files: the connection to the witness. */
const LIFE = `// One instance of a service, for the witness: tells that it lives, and hears how it is to fail.
const BEAT_MS = 400;

export class Life {
  readonly #name = crypto.randomUUID();
  readonly #id: string;
  readonly #doom = Promise.withResolvers<never>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #socket: { write(text: string): unknown; end(): unknown } | undefined;

  constructor(id: string) {
    this.#id = id;
    // Who does not wait for it does not die of it.
    this.#doom.promise.catch(() => undefined);
  }

  /** Rejects when it is told to fail. */
  get doom(): Promise<never> {
    return this.#doom.promise;
  }

  async begin(): Promise<void> {
    const port = Number(process.env.TCS_SOAK_WITNESS);
    this.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: { data: (_, text) => this.#fail(text.toString().trim()), error: () => this.end(), close: () => this.end() },
    });
    this.#say();
    this.#timer = setInterval(() => this.#say(), BEAT_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#socket?.end();
    this.#socket = undefined;
  }

  #say(): void {
    const about = { id: this.#id, life: this.#name, pid: process.pid, host: process.env.TCS_SOAK_HOST, at: Date.now() };
    this.#socket?.write(JSON.stringify(about) + "\\n");
  }

  #fail(how: string): void {
    if (how === "throw") this.#doom.reject(new Error("told to fail"));
    if (how === "exit") process.exit(7);
    if (how === "reject") void Promise.reject(new Error("told to reject"));
    if (how === "spin") for (;;);
  }
}
`;

const HEAD = (base: string) => `import { ${base}, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
import { Life } from "./life.ts";

const Config = BaseServiceConfig.extend({ tempo: z.number().positive().default(1) });

@service({ config: Config })
export class Thing extends ${base}<typeof Config> {
  readonly #life = new Life(this.id);
`;

const BLOCKING = `${HEAD("BaseBlockingPermanentService")}
  override async onStart() { await this.#life.begin(); }

  override async runService() {
    while (this.isRunning) {
      await Promise.race([this.#life.doom, this.sleep(30 * this.config.tempo)]);
      this.logger.info("still here");
    }
  }

  override async onStop() { this.#life.end(); }

  // Takes new values while it runs.
  override async onConfigChange() {}
}
`;

const PLAIN = `${HEAD("BasePermanentService")}
  override async startService() { await this.#life.begin(); }
  override async stopService() { this.#life.end(); }
}
`;

const PERIODIC = `${HEAD("BaseSingleShotService")}
  override async execute() {
    await this.#life.begin();
    try {
      await Promise.race([this.#life.doom, this.sleep(2)]);
    } finally {
      this.#life.end();
    }
  }
}
`;

/** A program that knows nothing of tcs, with a grandchild in a session of its own. */
const FOREIGN = `#!/bin/bash
# Args: service id
exec 3<>"/dev/tcp/127.0.0.1/$TCS_SOAK_WITNESS"
setsid sleep 100000 &
life=$$-$EPOCHREALTIME
while :; do
  printf '{"id":"%s","life":"%s","pid":%d,"host":"%s","at":%d}\\n' "$1" "$life" $$ "$TCS_SOAK_HOST" "$((\${EPOCHREALTIME/./} / 1000))" >&3
  if read -r -t 0.4 -u 3 how; then exit 7; fi
done
`;

export const PROGRAMS: Record<string, string> = {
  "life.ts": LIFE,
  "blocking.ts": BLOCKING,
  "plain.ts": PLAIN,
  "periodic.ts": PERIODIC,
  "foreign.sh": FOREIGN,
};
