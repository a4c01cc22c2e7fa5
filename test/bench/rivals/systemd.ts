// systemd as pid 1 of namespaces of its own: a template unit, and a target that wants all of them.
import { readFileSync } from "node:fs";
import { commandOf } from "../../support/processes.ts";
import { startSystemd, systemdOrSay } from "../../support/systemd.ts";
import { waitFor } from "../../support/wait.ts";
import { type Candidate, run, treeOf } from "./contestant.ts";

const UNITS = "/run/systemd/system";

export const systemd: Candidate = {
  name: "systemd",
  async fetch({ shared, stack }) {
    if (!systemdOrSay()) throw new Error("the kernel refuses namespaces here");
    const version = /\((.*?)\)/.exec(run(["systemctl", "--version"]))?.[1] ?? "";
    const machine = stack.use(await startSystemd({ folders: [shared] }));
    return [
      {
        name: "systemd",
        version,
        async prepare(stage) {
          await machine.write(`${UNITS}/bench@.service`, unitOf(stage.program("%i")));
          const wanted = stage.names.map((name) => `bench@${name}.service`).join(" ");
          await machine.write(`${UNITS}/bench.target`, `[Unit]\nWants=${wanted}\n`);
          await machine.ok(["systemctl", "daemon-reload"]);
          const command = (verb: string) =>
            Bun.spawn([...inside(machine.pid), "systemctl", verb, "bench.target"], {
              stdio: ["ignore", "ignore", "ignore"],
            });
          return () => {
            const starting = command("start");
            let stopping: Bun.Subprocess | undefined;
            return {
              // Pid 1, and who takes what services write.
              pids: () => [machine.pid, ...journaldOf(machine.pid)],
              pidHere: (pid) => pidOutside(machine.pid, pid),
              stop() {
                stopping = command("stop");
              },
              async [Symbol.asyncDispose]() {
                await waitFor("the end of systemctl start", () => starting.exitCode !== null);
                await waitFor("the end of systemctl stop", () => stopping?.exitCode !== null);
              },
            };
          };
        },
      },
    ];
  },
};

function unitOf(program: string): string {
  return `[Unit]
PartOf=bench.target
[Service]
ExecStart=${program}
Restart=always
RestartSec=0
`;
}

function inside(pid: number): string[] {
  return ["nsenter", "-t", String(pid), "-p", "-m", "-u", "-i", "-C", "--wd=/", "--"];
}

function journaldOf(machine: number): number[] {
  return treeOf(machine, new Set()).filter((pid) => commandOf(pid).endsWith("/systemd-journald"));
}

/** The pid on this machine of what systemd's namespace counts as `pid`. */
function pidOutside(machine: number, pid: number): number {
  const says = new RegExp(`^NSpid:.*\\s${pid}$`, "m");
  const found = treeOf(machine, new Set()).find((outer) => says.test(statusOf(outer)));
  if (found === undefined) throw new Error(`systemd has no process ${pid}`);
  return found;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // Gone meanwhile: it is none of those that are looked for.
    return "";
  }
}
