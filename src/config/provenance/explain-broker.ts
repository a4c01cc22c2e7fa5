// Who set the connection to the broker, and the subject prefix.
import { DEFAULT_SUBJECT_PREFIX, environmentNames } from "../nats.ts";
import { isNull, type MapEntry } from "../source-tree.ts";
import type { FleetConfig } from "../types.ts";
import { givenBy, variableSource } from "./node-values.ts";
import type { RowOrigins } from "./row-origins.ts";
import type { ExplainedValue, Given } from "./value-source.ts";

/** Keys of `nats:` that say where the broker is, the strongest first. */
const ADDRESS_KEYS = ["url", "urls", "servers", "host", "port"];

/** The broker, the prefix, and what else the file says of them. */
export function explainBroker(fleet: FleetConfig, origins: RowOrigins): ExplainedValue[] {
  const { file } = origins;
  // Whichever file has it: they agree.
  const [section] = (file.roots ?? [file.root]).flatMap((root) => root.entries.get("nats")?.value ?? []);
  const entries = section?.kind === "map" ? [...section.entries].filter(([, { value }]) => !isNull(value)) : [];
  const named = (keys: readonly string[]) => entries.filter(([key]) => keys.includes(key));
  const others = entries.filter(([key]) => !ADDRESS_KEYS.includes(key) && key !== "subject_prefix");
  return [
    servers(fleet, named(ADDRESS_KEYS), origins),
    prefix(fleet, named(["subject_prefix"]), origins),
    ...others.map(([key, entry]): ExplainedValue => {
      return { key: `nats.${key}`, group: "broker", ...givenBy(entry, origins, "nats"), overrode: [] };
    }),
  ];
}

function servers({ nats }: FleetConfig, entries: [string, MapEntry][], origins: RowOrigins): ExplainedValue {
  const said: Given[] = [
    ...entries.map(([, entry]) => givenBy(entry, origins, "nats")),
    ...environmentNames(origins.env).map((variable): Given => {
      return {
        value: origins.env[variable] ?? "",
        source: { kind: "environment", ...variableSource(variable, origins) },
      };
    }),
  ];
  const flag = { kind: "flag", flag: "--host or --port" } as const;
  const isFlag = nats?.origin === "command line";
  const place = said[0]?.source;
  const source = isFlag ? flag : (place ?? ({ kind: "default" } as const));
  const overrode = isFlag ? said : said.slice(1);
  const value = nats ? nats.servers : "the broker of this host";
  return { key: "nats.servers", group: "broker", value, source, overrode };
}

function prefix({ subjectPrefix }: FleetConfig, [entry]: [string, MapEntry][], origins: RowOrigins): ExplainedValue {
  const inFile = entry && givenBy(entry[1], origins, "nats");
  const base = { key: "nats.subject_prefix", group: "broker", value: subjectPrefix } as const;
  if (inFile && inFile.value === subjectPrefix) return { ...base, source: inFile.source, overrode: [] };
  if (!inFile && subjectPrefix === DEFAULT_SUBJECT_PREFIX)
    return { ...base, source: { kind: "default" }, overrode: [] };
  return { ...base, source: { kind: "flag", flag: "--prefix" }, overrode: inFile ? [inFile] : [] };
}
