// Supervisor, as its sample configuration has it: in the foreground, with its socket for supervisorctl.
import { join } from "node:path";
import { asChild, type Candidate } from "./contestant.ts";
import { unpack } from "./debian.ts";

export const supervisor: Candidate = {
  name: "supervisor",
  async fetch({ folder }) {
    const unpacked = unpack("supervisor", folder);
    return [
      {
        name: "supervisor",
        version: unpacked.version,
        async prepare(stage) {
          const file = join(stage.folder, "supervisord.conf");
          const programs = stage.names.map(
            (name) => `[program:${name}]\ncommand=${stage.program(name)}\nautorestart=true\nstartsecs=1\n`,
          );
          await Bun.write(file, `${HEAD.replaceAll("FOLDER", stage.folder)}\n${programs.join("\n")}`);
          const begin = await unpacked.ready(stage, ["/usr/bin/python3", "/usr/bin/supervisord", "-n", "-c", file]);
          return () => asChild(begin(), "SIGTERM");
        },
      },
    ];
  },
};

const HEAD = `[unix_http_server]
file=FOLDER/supervisor.sock
[supervisord]
user=root
logfile=FOLDER/supervisord.log
pidfile=FOLDER/supervisord.pid
childlogdir=FOLDER
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://FOLDER/supervisor.sock
`;
