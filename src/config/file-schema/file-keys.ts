// The parts of a configuration file beside its rows as JSON Schema: one entry for each key that the checks know.
import type { JsonObject } from "../../common/json.ts";
import { LOG_LEVELS } from "../../common/logger.ts";
import {
  type LAUNCHER_KEYS,
  LONGEST_LEASE_SEC,
  MAX_TERMINATE_DELAY_SEC,
  SHORTEST_LEASE_SEC,
  type TOP_KEYS,
} from "../fleet-file.ts";
import { type LOGS_KEYS, MOST_FILES } from "../logs-section.ts";
import type { METRICS_KEYS } from "../metrics-section.ts";
import type { NATS_KEYS } from "../nats-section.ts";
import type { TLS_KEYS } from "../nats-tls.ts";
import type { SITE_KEYS } from "../site-section.ts";
import { ON_EXIT, SCOPES, type SYSTEMD_KEYS } from "../systemd-section.ts";
import { HOMES, SHARED_ROW_KEYS } from "../types.ts";
import { anyOf, boolean, DOTTED, mapping, number, oneOrMore, text, word } from "./forms.ts";
import { ROW_KEY_SCHEMAS } from "./row-keys.ts";

const PORT = { min: 1, max: 65_535, integer: true };
const ADDRESS = { type: "string", minLength: 1 };
/** Never in clear. */
const secret = (what: string) =>
  anyOf(
    { description: `${what}: a variable of the environment or of .env, never in clear` },
    { type: "string", pattern: "^(\\$\\{[^}]+\\})+$" },
  );
const DELAY = { description: "Seconds a service may take to stop before it is killed", default: 10 };

const TLS_SCHEMAS = {
  ca: text({ description: "Certificates of whom to believe, if not those of the system" }),
  cert: text({ description: "Certificate that says who this is" }),
  key: text({ description: "Its key, which only its owner may read" }),
} satisfies Record<(typeof TLS_KEYS)[number], JsonObject>;

const NATS_SCHEMAS = {
  host: text({ description: "Host of the broker: name or address", default: "localhost" }),
  port: number({ description: "Port of the broker", default: 4222 }, PORT),
  url: oneOrMore({ description: "Instead of host and port: nats://host:port, or several" }, ADDRESS, 1),
  urls: oneOrMore({ description: "The same as url" }, ADDRESS, 1),
  servers: oneOrMore({ description: "The same as url" }, ADDRESS, 1),
  required: boolean({ description: "Wait for the broker before any service starts", default: false }),
  subject_prefix: text({ description: "First part of every subject", default: "svc" }, DOTTED),
  inbox_prefix: text({ description: "First part of the subjects on which answers come", default: "_INBOX" }, DOTTED),
  config_subject: text({ description: "Subject of which the last message is a document of configuration" }, DOTTED),
  tls: anyOf(
    { description: "Encrypted: true, or the files to know each other by, relative to this file", default: false },
    { type: "boolean" },
    { type: "string", pattern: "\\$\\{" },
    { type: "object", properties: TLS_SCHEMAS, additionalProperties: false },
  ),
  user: text({ description: "User of the broker" }),
  password: secret("Password of the user"),
  password_file: text({ description: "File with the password of the user, which only its owner may read" }),
  token: secret("Token, instead of user and password"),
  token_file: text({ description: "File with the token, which only its owner may read" }),
  nkey_file: text({ description: "File with the seed of an nkey, which only its owner may read" }),
  creds_file: text({ description: "Creds file, which only its owner may read" }),
} satisfies Record<(typeof NATS_KEYS)[number], JsonObject>;

const LOGS_SCHEMAS = {
  max_size: anyOf(
    { description: "Size of a service's log file before the next is begun: 20MB, 512KB, 1.5G", default: "10MB" },
    { type: "string", pattern: "\\$\\{|^\\s*\\d+(\\.\\d+)?\\s*([kKmMgG]?([iI]?[bB])?)?\\s*$" },
    { type: "number" },
  ),
  files: number(
    { description: "Log files kept of each service, the current one included", default: 5 },
    { min: 1, max: MOST_FILES, integer: true },
  ),
} satisfies Record<(typeof LOGS_KEYS)[number], JsonObject>;

const METRICS_SCHEMAS = {
  port: number({ description: "Port on which metrics are served for Prometheus" }, PORT),
  host: text({ description: "Address to listen on", default: "127.0.0.1" }),
} satisfies Record<(typeof METRICS_KEYS)[number], JsonObject>;

const SITE_SCHEMAS = {
  name: text({ description: "Name of the site" }),
  timezone: text({ description: "IANA time zone, as America/Santiago" }),
  longitude: number({ description: "Degrees, east positive" }, { min: -180, max: 360 }),
} satisfies Record<(typeof SITE_KEYS)[number], JsonObject>;

const SYSTEMD_SCHEMAS = {
  scope: word({ description: "Whose systemd: the machine's (default as root) or the user's" }, SCOPES),
  on_exit: word(
    { description: "What becomes of units when their launcher ends in good order", default: "stop" },
    ON_EXIT,
  ),
  persistent: boolean({ description: "Units outlive a reboot, and start with the machine", default: false }),
  properties: {
    description: "Directives of the [Service] part of every unit, as MemoryMax: 200M",
    type: ["object", "null"],
    additionalProperties: { type: ["string", "number", "boolean"] },
    propertyNames: { pattern: "^[A-Z][A-Za-z0-9]*$" },
  },
} satisfies Record<(typeof SYSTEMD_KEYS)[number], JsonObject>;

/** A list of rows, or the older kind: types, their variants, and the fields of each. */
const ROWS = {
  type: ["array", "object", "null"],
  items: { $ref: "#/definitions/row" },
  additionalProperties: { type: "object", additionalProperties: { type: ["object", "null"] } },
};

const LAUNCHER_SCHEMAS = {
  type: word({ description: "Home of its services", default: "worker" }, HOMES, ["asyncio"]),
  terminate_delay: number(DELAY, { min: 0, max: MAX_TERMINATE_DELAY_SEC }),
  services: { description: "The services that run with `tcs run --launcher NAME`", ...ROWS },
} satisfies Record<(typeof LAUNCHER_KEYS)[number], JsonObject>;

/** What rows may have in common. */
const SHARED_SCHEMAS = Object.fromEntries(SHARED_ROW_KEYS.map((key) => [key, ROW_KEY_SCHEMAS[key]]));

export const TOP_KEY_SCHEMAS = {
  include: oneOrMore(
    { description: "More files of this configuration: files, folders or patterns, relative to this file" },
    { type: "string", minLength: 1 },
  ),
  nats: mapping(
    { description: "The broker; without it tcs uses the one of this host, or starts its own" },
    NATS_SCHEMAS,
  ),
  registry: {
    description: "Service types that are not where tcs looks by itself: type to module, ~ for one inside tcs",
    type: ["object", "null"],
    additionalProperties: { type: ["string", "null"] },
    propertyNames: { pattern: DOTTED },
  },
  defaults: mapping({ description: "What rows take where they say nothing themselves" }, SHARED_SCHEMAS),
  log_level: word({ description: "Log level of all services", default: "info" }, LOG_LEVELS, ["warn", "fatal"]),
  terminate_delay: number(DELAY, { min: 0, max: MAX_TERMINATE_DELAY_SEC }),
  lease_sec: number(
    { description: "Seconds after which a standby takes over from a launcher that is not heard of", default: 15 },
    { min: SHORTEST_LEASE_SEC, max: LONGEST_LEASE_SEC },
  ),
  site: mapping({ description: "Where the telescope stands, for `tcs night`" }, SITE_SCHEMAS),
  logs: mapping({ description: "How much of the log of each service is kept on disk" }, LOGS_SCHEMAS),
  systemd: mapping({ description: "How services with `launcher: systemd` are units" }, SYSTEMD_SCHEMAS),
  metrics: anyOf(
    { description: "A port on which metrics are served for Prometheus, or a mapping with port and host" },
    { type: "integer", minimum: PORT.min, maximum: PORT.max },
    { type: "string", pattern: "\\$\\{|^[0-9]+$" },
    { type: "object", properties: METRICS_SCHEMAS, additionalProperties: false, required: ["port"] },
  ),
  launchers: {
    description: "Named lists of services, for several hosts with one file",
    type: ["object", "null"],
    additionalProperties: {
      type: "object",
      properties: LAUNCHER_SCHEMAS,
      additionalProperties: false,
    },
    propertyNames: { pattern: "^[^\\s*>]+$", not: { enum: [...HOMES, "asyncio"] } },
  },
  services: { description: "The services: one row each", ...ROWS },
} satisfies Record<(typeof TOP_KEYS)[number], JsonObject>;
