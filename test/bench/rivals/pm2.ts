// pm2, as its documents say: `pm2 start` of an ecosystem file, which starts its daemon; `pm2 kill` at the end.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess, isAlive, type ProcessIdentity } from "../../../src/common/process-info.ts";
import { waitFor } from "../../support/wait.ts";
import { type Candidate, logOf, run, treeOf } from "./contestant.ts";

export const pm2: Candidate = {
  name: "pm2",
  async fetch({ folder }) {
    const npm = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "pm2"];
    run(npm, { cwd: folder });
    const own = join(folder, "node_modules/pm2");
    const { version } = (await Bun.file(join(own, "package.json")).json()) as { version: string };
    const node = run(["node", "--version"]);
    return [
      {
        name: "pm2",
        version: `${version}, Node ${node}`,
        async prepare(stage) {
          const apps = stage.names.map((name) => ({ name, script: stage.program(name), interpreter: "none" }));
          const file = join(stage.folder, "ecosystem.config.js");
          await Bun.write(file, `module.exports = ${JSON.stringify({ apps }, undefined, 2)};\n`);
          const home = join(stage.folder, "home");
          // It would ask on the internet for a newer version.
          const env = { ...process.env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: "1" };
          const log = logOf(stage);
          const command = (...args: string[]) =>
            Bun.spawn(["node", join(own, "bin/pm2"), ...args], {
              cwd: stage.folder,
              env,
              stdio: ["ignore", log.fd, log.fd],
            });
          return () => {
            const starting = command("start", file);
            let stopping: Bun.Subprocess | undefined;
            let ending: ProcessIdentity | undefined;
            const daemon = () => Number(readFileSync(join(home, "pm2.pid"), "utf8"));
            return {
              pids: (services) => treeOf(daemon(), services),
              stop() {
                ending = identifyProcess(daemon());
                stopping = command("kill");
              },
              async [Symbol.asyncDispose]() {
                await waitFor("the end of pm2 start", () => starting.exitCode !== null);
                await waitFor("the end of pm2 kill", () => stopping?.exitCode !== null);
                // It goes on for a while after that command.
                await waitFor("the end of pm2", () => !ending || !isAlive(ending));
                log.close();
              },
            };
          };
        },
      },
    ];
  },
};
