// tcs: the same programs as the others run, then the same as services of its own in each home. It starts its own broker.
import { join } from "node:path";
import { connect } from "nats";
import { OWN_HOMES } from "../../../src/config/types.ts";
import { tcsBinary } from "../../support/binary.ts";
import { asChild, type Candidate, type Contestant, logOf, run, type Stage, type Supervisor } from "./contestant.ts";
import { OURS, OWN_SERVICES } from "./result.ts";

/** Where it starts its broker, in a network where no other is. */
const BROKER = "nats://127.0.0.1:4222";
const DEFAULTS = "defaults: {restart: always, restart_sec: 0}";

export const tcs: Candidate = {
  name: "tcs",
  async fetch({ folder: state }) {
    const version = run([tcsBinary(), "--version"]).replace(/^tcs /, "");
    const programs: Contestant = {
      name: OURS,
      version,
      async prepare(stage) {
        const rows = stage.names.map((name) => `  - {type: ${name}, command: ["${stage.program(name)}"]}\n`);
        await writeConfig(stage, rows);
        return () => asChild(launch(stage, state), "SIGTERM");
      },
    };
    const homes = OWN_HOMES.map(
      (home): Contestant => ({
        name: `${OWN_SERVICES}, ${home}`,
        version,
        withServices: true,
        async prepare(stage) {
          await Bun.write(join(stage.folder, "bench_service.ts"), serviceText(stage.pipe));
          await writeConfig(
            stage,
            stage.names.map((name) => `  - bench_service.${name}\n`),
          );
          return () => {
            const supervisor = asChild(launch(stage, state, "--launcher", home), "SIGTERM");
            return home === "process" ? supervisor : endedByWord(supervisor);
          };
        },
      }),
    );
    return [programs, ...homes];
  },
};

async function writeConfig(stage: Stage, rows: string[]): Promise<void> {
  await Bun.write(join(stage.folder, "services.yaml"), `${DEFAULTS}\nservices:\n${rows.join("")}`);
}

function launch(stage: Stage, state: string, ...args: string[]): Bun.Subprocess {
  const log = logOf(stage);
  const child = Bun.spawn([tcsBinary(), "run", ...args], {
    cwd: stage.folder,
    env: { PATH: process.env.PATH, HOME: state, LANG: "C.UTF-8", TCS_STATE_DIR: join(state, "state") },
    stdio: ["ignore", log.fd, log.fd],
  });
  log.close();
  return child;
}

/** The program's deed as a service. What ends a thread cannot be a signal: it is told to end itself. */
function serviceText(pipe: string): string {
  return `import { appendFileSync } from "node:fs";
import { BaseBlockingPermanentService, rpc, service } from "ocabox-tcs";

@service
export class BenchService extends BaseBlockingPermanentService {
  async runService() {
    appendFileSync(${JSON.stringify(pipe)}, \`\${this.id.split(".")[1]} \${process.pid}\\n\`);
    while (this.isRunning) await this.sleep(1000);
  }
  @rpc("die") die() { process.exit(7); }
}
`;
}

const REQUEST = JSON.stringify({
  data: {},
  meta: { id: "1", sender: "bench", ts: [2026, 1, 1, 0, 0, 0, 0], trace_level: 20, message_type: "rpc", tags: [] },
});

function endedByWord(supervisor: Supervisor): Supervisor {
  const stack = new AsyncDisposableStack();
  return {
    ...supervisor,
    async ender() {
      const connection = await connect({ servers: BROKER });
      stack.defer(() => connection.close());
      return (name) => connection.publish(`svc.rpc.bench_service.${name}.v1.die`, REQUEST, { reply: "_INBOX.bench" });
    },
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
      await supervisor[Symbol.asyncDispose]();
    },
  };
}
