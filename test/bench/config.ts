// A large configuration: read, merged and checked against its services' schemas, as `tcs run --check` does it.
import { tempFolder } from "../support/temp.ts";
import { times, timeTcs } from "./run-tcs.ts";
import { row } from "./table.ts";

const SERVICES = 1000;
const FILES = 20;

const serviceFile = `import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({
  interval: z.number().positive().default(5),
  camera: z.string(),
  retries: z.int().min(0).default(3),
  limits: z.object({ max: z.number().default(10), unit: z.enum(["px", "arcsec"]).default("px") }).prefault({}),
  filters: z.array(z.string()).default([]),
});
@service({ config: Config })
export class Guider extends BaseBlockingPermanentService<typeof Config> {
  override async runService() {
    while (this.isRunning) await this.sleep(this.config.interval);
  }
}
`;

const top = "nats: {host: nats.lan, port: 4222}\ndefaults:\n  restart: on-failure\n  restart_sec: 2\n";

/** A row of eleven lines, with what rows usually have. */
const plainRow = (n: number) =>
  `  - type: guider_${n % FILES}
    variant: v${n}
    launcher: process
    restart: always
    restart_max: 5
    log_level: warning
    interval: ${1 + (n % 7)}
    camera: "camera ${n}"
    limits:
      max: ${n % 50}
    filters: \${FILTERS:-none}
`.replace(/ {4}filters.*\n/, `    retries: \${RETRIES:-${n % 5}}\n`);

/** The same by an anchor and in flow style: the whole of YAML. */
const flowRow = (n: number) =>
  `  - {<<: *sturdy, type: guider_${n % FILES}, variant: v${n}, interval: ${1 + (n % 7)}, camera: "camera ${n}", limits: {max: ${n % 50}}, filters: [red, blue]}\n`;

const list = (count: number, text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n)).join("");

const FLEETS = {
  "services of one type of the binary": `${top}services:\n${list(SERVICES, (n) => `  - type: hello_world\n    variant: v${n}\n    interval: ${1 + (n % 7)}\n`)}`,
  [`services of ${FILES} files`]: `${top}services:\n${list(SERVICES, plainRow)}`,
  [`services of ${FILES} files, anchors and flow style`]: `${top}x-sturdy: &sturdy {restart: always, launcher: process}\nservices:\n${list(SERVICES, flowRow)}`,
};

/** Whole processes; what `tcs` takes for one service is beside it, since the process itself takes some of it. */
export async function configs(runs: number): Promise<string[][]> {
  using folder = tempFolder();
  for (let n = 0; n < FILES; n++) await folder.write(`guider_${n}.ts`, serviceFile);
  const check = async (yaml: string) => {
    await folder.write("services.yaml", yaml);
    return await timeTcs(["run", "--check"], { cwd: folder.path });
  };
  const rows: string[][] = [];
  rows.push(row("check of 1 service", await times(runs, () => check("services: [hello_world]\n")), "ms"));
  rows.push(
    row(
      `check of ${FILES} services of ${FILES} files`,
      await times(runs, () => check(`${top}services:\n${list(FILES, plainRow)}`)),
      "ms",
    ),
  );
  for (const [name, yaml] of Object.entries(FLEETS)) {
    rows.push(row(`check of ${SERVICES} ${name}`, await times(runs, () => check(yaml)), "ms"));
  }
  return rows;
}
