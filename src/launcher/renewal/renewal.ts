// SIGUSR2 to a launcher: its services go over, one by one, to a new launcher of the version that is installed by now.
import { describeError } from "../../common/errors.ts";
import { installedLink } from "../../common/installed.ts";
import type { Holder } from "./messages.ts";
import { StandIn } from "./stand-in.ts";
import { type Succession, succeeds } from "./succession.ts";

/** What a renewal needs of a run. */
export interface RenewableRun {
  readonly seat: (Omit<Holder, "leave"> & { refuse(why: string): void }) | undefined;
  /** The launcher's monitor name when it is its turn: 0 or 1. */
  monitorName(turn: number): string;
  /** Ends, but for what the successor uses of this process. */
  handOver(): Promise<void>;
  stop(): Promise<void>;
}

export interface RenewalOptions {
  run: RenewableRun;
  succession: Succession | undefined;
  /** Why this launcher cannot be renewed, if so. */
  refusal: string | undefined;
}

export class Renewal {
  readonly #options: RenewalOptions;
  readonly #left = Promise.withResolvers<"left">();
  #standIn: StandIn | undefined;

  constructor(options: RenewalOptions) {
    this.#options = options;
    process.on("SIGUSR2", () => this.#asked());
    options.succession?.onMessage((message) => {
      const { seat } = options.run;
      switch (message.kind) {
        case "heir":
          seat?.expect(message.pid);
          return;
        case "progress":
          seat?.progress(message);
          return;
        case "lost":
          seat?.lost(message.error);
          return;
        case "leave":
          void options.run.stop().then(() => this.#left.resolve("left"));
          return;
        case "yours":
          // The seat's.
          return;
        default:
          // A newer version's word.
          message satisfies never;
      }
    });
  }

  /** Resolves when another process has the services, and nothing is left to do here. */
  get left(): Promise<"left"> {
    return this.#left.promise;
  }

  /** The exit code of the launcher that has the services, when that has ended. */
  get over(): Promise<number> {
    return this.#standIn?.over ?? Promise.resolve(0);
  }

  /** Passes a signal on. @returns false when the services are here */
  signal(signal: NodeJS.Signals): boolean {
    return this.#standIn?.signal(signal) ?? false;
  }

  /** Ends a successor that has not taken over everything. Resolves when none is left. */
  async end(): Promise<void> {
    await this.#standIn?.end();
  }

  #asked(): void {
    const { run, succession, refusal } = this.#options;
    const link = installedLink(process.execPath);
    const why = refusal ?? (link === undefined ? `${process.execPath} was not put there by tcs install` : undefined);
    if (why !== undefined || link === undefined) {
      run.seat?.refuse(why ?? "");
      return;
    }
    if (succession) {
      succession.tell({ kind: "renew" });
      return;
    }
    this.#standIn ??= new StandIn({
      holder: this.#holder(),
      command: () => [link, ...process.argv.slice(2)],
      succeeds: (pid, turn) => succeeds({ launcher: run.monitorName(turn), pid, turn }),
    });
    try {
      this.#standIn.renew();
    } catch (error) {
      run.seat?.refuse(describeError(error));
    }
  }

  #holder(): Holder {
    const { run } = this.#options;
    return {
      expect: (pid) => run.seat?.expect(pid),
      progress: (progress) => run.seat?.progress(progress),
      lost: (error) => run.seat?.lost(error),
      leave: async () => {
        await run.handOver();
        this.#left.resolve("left");
      },
    };
  }
}
