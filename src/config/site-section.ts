// The `site:` part of a configuration file: where the telescope stands, for the observing night.
import { isTimeZone } from "../common/schedule.ts";
import type { Checker } from "./checker.ts";
import type { Env } from "./expand.ts";
import { readSection } from "./section.ts";
import { isNull, type Node } from "./source-tree.ts";

/** Keys of `site:`. */
export const SITE_KEYS = ["name", "timezone", "longitude"] as const;

/** Where the telescope stands. */
export interface SiteSettings {
  name?: string;
  /** IANA time zone. */
  timeZone?: string;
  /** Degrees, east positive. */
  longitude?: number;
}

/** Reads the section; what is wrong goes to `checker`. */
export function readSiteBlock(checker: Checker, node: Node): SiteSettings | undefined {
  const map = checker.map(node, "site", "a mapping with timezone or longitude");
  if (!map) return undefined;
  checker.unknownKeys(map, "site", SITE_KEYS);
  const at = (key: string) => {
    const value = map.entries.get(key)?.value;
    return value === undefined || isNull(value) ? undefined : value;
  };
  const [nameNode, zoneNode, longitudeNode] = [at("name"), at("timezone"), at("longitude")];
  const name = nameNode && checker.text(nameNode, "site.name", "a name");
  const zone = zoneNode && checker.text(zoneNode, "site.timezone", "an IANA time zone, as America/Santiago");
  const longitude = longitudeNode && checker.number(longitudeNode, "site.longitude", { min: -180, max: 360 });
  if (zoneNode && zone !== undefined && !isTimeZone(zone)) {
    checker.report(zoneNode, "site.timezone", JSON.stringify(zone), "an IANA time zone, as America/Santiago");
  }
  return {
    ...(name !== undefined && { name }),
    ...(zone !== undefined && { timeZone: zone }),
    ...(longitude !== undefined && { longitude }),
  };
}

/** The `site:` part of a configuration file. @throws ConfigError */
export async function readSiteSection(file: string, env: Env): Promise<SiteSettings | undefined> {
  return await readSection(file, "site", env, readSiteBlock);
}
