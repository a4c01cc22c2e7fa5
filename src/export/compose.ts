// A compose file (compose-spec): the broker, and a container for each unit.
import { commandOf, fixedEnvironment } from "./command.ts";
import { BROKER_NAME, READY, STATE_FOLDER, UID } from "./layout.ts";
import { fullName } from "./names.ts";
import { comment, stamped } from "./stamp.ts";
import type { ExportedFile, ExportOptions, Plan, Unit, Variable } from "./types.ts";
import { yamlText } from "./yaml-text.ts";

/** With a shell's tools, for its health check. */
const BROKER_IMAGE = "nats:2.11-alpine";
const BROKER_DATA = "nats-data";

/** What no container of ours needs. */
const HARDENED = { read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] };
/** Programs that services start may want a place for scratch files. */
const SCRATCH = ["/tmp:mode=1777,size=64m"];

/** `compose.yaml`. */
export function composeFile({ units, notes }: Plan, options: ExportOptions): ExportedFile {
  const { name, broker } = options;
  const own = broker !== undefined;
  const lives = new Map(units.map((unit) => [unit.name, unit.life.kind]));
  const services = Object.fromEntries([
    ...(own ? [[BROKER_NAME, brokerService()] as const] : []),
    ...units.map((unit) => [unit.name, service(unit, options, lives)] as const),
  ]);
  const volumes = [...(own ? [BROKER_DATA] : []), ...units.map(volumeOf)];
  const secrets = secretsOf(units);
  const body = {
    name,
    services,
    volumes: Object.fromEntries(volumes.map((volume) => [volume, {}])),
    ...(secrets.length > 0 && {
      secrets: Object.fromEntries(secrets.map((secret) => [secret, { file: `./secrets/${secret}` }])),
    }),
  };
  const head = ["", ...notes.map((note) => `Note: ${note}.`)];
  if (secrets.length > 0) {
    head.push(
      `Secrets are files of this folder, readable by uid ${UID}: ${secrets.map((one) => `secrets/${one}`).join(", ")}`,
    );
  }
  return { name: "compose.yaml", text: stamped("compose", `${comment(head)}\n${yamlText(body)}`) };
}

function brokerService() {
  return {
    image: BROKER_IMAGE,
    command: ["-js", "-sd", "/data", "-m", "8222"],
    restart: "unless-stopped",
    volumes: [`${BROKER_DATA}:/data`],
    healthcheck: {
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8222/healthz"],
      interval: "10s",
      timeout: "3s",
      retries: 3,
    },
    stop_grace_period: "30s",
    mem_limit: "512m",
    ...HARDENED,
  };
}

function service(unit: Unit, options: ExportOptions, lives: ReadonlyMap<string, Unit["life"]["kind"]>) {
  const [entrypoint = "", ...command] = commandOf(unit, options);
  const isOnce = unit.life.kind === "once";
  const plain = unit.variables.filter(({ secret }) => !secret);
  const secrets = unit.variables.filter(({ secret }) => secret).map((variable) => variable.name);
  const after = [
    // Started, not healthy: a fleet runs without its broker, too.
    ...(options.broker === undefined ? [] : [[BROKER_NAME, { condition: "service_started" }] as const]),
    ...unit.after.map((other) => {
      const condition = lives.get(other) === "once" ? "service_completed_successfully" : "service_healthy";
      return [other, { condition }] as const;
    }),
  ];
  return {
    image: literal(options.image),
    entrypoint: [literal(entrypoint)],
    command: command.map(literal),
    // The launcher's id has it: a new container is the same launcher.
    hostname: fullName(options, unit),
    user: `${UID}:${UID}`,
    // What a service's own restart: says is done inside, by its launcher.
    restart: isOnce ? "no" : "unless-stopped",
    ...(after.length > 0 && { depends_on: Object.fromEntries(after) }),
    environment: {
      ...fixedEnvironment(unit, options),
      ...Object.fromEntries(plain.map((one) => [one.name, reference(one)])),
    },
    ...(secrets.length > 0 && { secrets }),
    volumes: [`${volumeOf(unit)}:${STATE_FOLDER}`],
    tmpfs: SCRATCH,
    // Docker restarts nothing for it: it tells whoever waits, and whoever looks.
    healthcheck: { test: ["CMD", ...READY], interval: "10s", timeout: "5s", retries: 3, start_period: "30s" },
    stop_grace_period: `${unit.graceSeconds}s`,
    mem_limit: `${unit.memoryMiB}m`,
    ...HARDENED,
  };
}

/** Empty counts as unset for a variable that has a default in the configuration. */
function reference({ name, optional }: Variable): string {
  return optional ? `\${${name}:-}` : `\${${name}:?must be set}`;
}

/** Text in which compose is to find no variables. */
function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

function volumeOf({ name }: Unit): string {
  return `${name}-state`;
}

function secretsOf(units: readonly Unit[]): string[] {
  const names = units.flatMap(({ variables }) => variables.filter(({ secret }) => secret).map(({ name }) => name));
  return [...new Set(names)].sort();
}
