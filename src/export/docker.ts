// A Dockerfile for the binary, the configuration and the services' files.
import { basename } from "node:path";
import type { ServiceRow } from "../config/types.ts";
import { homeArguments } from "./command.ts";
import { ALIVE, APP_FOLDER, BINARY, STATE_FOLDER, UID } from "./layout.ts";
import { comment, stamped } from "./stamp.ts";
import type { ExportedFile } from "./types.ts";

export const DEFAULT_BASE = "debian:bookworm-slim";

export interface DockerOptions {
  /** Absolute path of the configuration: its folder is the build context. */
  file: string;
  rows: readonly ServiceRow[];
  /** Image that it is built on: with a glibc, a shell, `install` and `useradd`. */
  base: string;
  /** The files go into another folder than the configuration's. */
  apart: boolean;
  /** Name for the image in the comment. */
  image: string;
}

/** What never belongs in an image: secrets, state, history, and what this command writes. */
const IGNORED = [
  ".env",
  ".env.*",
  "**/.env",
  "**/.env.*",
  "secrets",
  ".git",
  ".state",
  "*.log",
  ".tcs",
  "Dockerfile",
  "Dockerfile.dockerignore",
  ".dockerignore",
  "compose.yaml",
  "k8s.yaml",
];

/** `Dockerfile`, and what is left out of the image. */
export function dockerFiles({ file, rows, base, apart, image }: DockerOptions): ExportedFile[] {
  const start = JSON.stringify(["run", "--config", `${APP_FOLDER}/${basename(file)}`, ...homeArguments(rows)]);
  const command = JSON.stringify([...ALIVE]);
  const body = `${comment([
    "",
    "Build it with the folder of the configuration as context, and the folder of the tcs executable beside it:",
    `  docker build --build-context tcs="$(dirname "$(command -v tcs)")" -t ${image} ${apart ? "-f Dockerfile FOLDER" : "."}`,
  ])}
FROM ${base}

# A user of its own, with the same number everywhere; state and logs are its volume.
RUN useradd --uid ${UID} --user-group --no-create-home --home-dir ${STATE_FOLDER} --shell /usr/sbin/nologin tcs \\
 && install -d -o ${UID} -g ${UID} -m 0700 ${STATE_FOLDER}

COPY --from=tcs --chmod=0755 tcs ${BINARY}
COPY . ${APP_FOLDER}/

ENV TCS_STATE_DIR=${STATE_FOLDER}
WORKDIR ${APP_FOLDER}
USER ${UID}:${UID}
VOLUME ${STATE_FOLDER}

# Asks the event loop of what runs here, and nothing else: a broker that is away is no reason to end anything.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ${command}

# As process 1 tcs waits for orphans and passes signals on: no other init is needed.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tcs"]
CMD ${start}
`;
  return [
    { name: "Dockerfile", text: stamped("docker", body) },
    {
      name: apart ? "Dockerfile.dockerignore" : ".dockerignore",
      text: stamped("docker", `${IGNORED.join("\n")}\n`),
    },
  ];
}
