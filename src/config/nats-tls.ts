// `tls:` of the broker: whom to believe, and who we are.
import type { Checker } from "./checker.ts";
import type { Env } from "./expand.ts";
import { filePath, readPublicFile, readSecretFile } from "./secret-file.ts";
import { isNull, type Node } from "./source-tree.ts";
import type { TlsSettings } from "./types.ts";

/** Keys of `nats.tls`. */
export const TLS_KEYS = ["ca", "cert", "key"] as const;
type TlsKey = (typeof TLS_KEYS)[number];

/** `true`, or a mapping; undefined for `false`. @param folder of the configuration file: paths are relative to it */
export function readTls(checker: Checker, node: Node, folder: string): TlsSettings | undefined {
  if (node.kind !== "map") {
    const expected = "true, false, or a mapping with ca, cert and key";
    if (node.kind !== "scalar") return checker.report(node, "nats.tls", "a list", expected);
    return checker.boolean(node, "nats.tls") ? {} : undefined;
  }
  checker.unknownKeys(node, "nats.tls", TLS_KEYS);
  const tls: TlsSettings = {};
  for (const key of TLS_KEYS) {
    const value = node.entries.get(key)?.value;
    if (value === undefined || isNull(value)) continue;
    const path = checker.text(value, `nats.tls.${key}`, "the path of a file");
    if (path === undefined) continue;
    const full = filePath(folder, path);
    const fault = faultOf(key, full);
    if (fault) checker.report(value, `nats.tls.${key}`, fault.given, fault.expected, fault.hint);
    else tls[key] = full;
  }
  const [alone, missing] = unpaired([...node.entries.keys()]);
  if (alone !== undefined) {
    const place = { source: node.source, offset: node.entries.get(alone)?.keyOffset ?? node.offset };
    checker.report(place, `nats.tls.${alone}`, `${alone} without ${missing}`, "both, or neither");
  }
  return tls;
}

/** `NATS_CA`, `NATS_CERT` and `NATS_KEY`: paths. `report` is told what cannot be used. */
export function tlsFromEnv(
  env: Env,
  report: (variable: string, given: string, expected: string, hint?: string) => void,
): TlsSettings | undefined {
  const tls: TlsSettings = {};
  const paths = { ca: env.NATS_CA, cert: env.NATS_CERT, key: env.NATS_KEY };
  const given = TLS_KEYS.filter((key) => paths[key]);
  if (given.length === 0) return undefined;
  const variable = (key: TlsKey) => `NATS_${key.toUpperCase()}`;
  for (const key of given) {
    const full = filePath(process.cwd(), paths[key] ?? "");
    const fault = faultOf(key, full);
    if (fault) report(variable(key), fault.given, fault.expected, fault.hint);
    else tls[key] = full;
  }
  const [alone, missing] = unpaired(given);
  if (alone !== undefined && missing !== undefined) {
    report(variable(alone), `${variable(alone)} without ${variable(missing)}`, "both, or neither");
  }
  return tls;
}

function faultOf(key: TlsKey, path: string) {
  const read = key === "key" ? readSecretFile(path) : readPublicFile(path);
  if (!read.ok) return read;
  if (read.text.includes("-----BEGIN ")) return undefined;
  const what = key === "key" ? "a private key" : "a certificate";
  return { given: `${path}, which has none`, expected: `${what} in PEM (-----BEGIN …)`, hint: undefined };
}

/** A certificate is of no use without its key, and the other way round. */
function unpaired(given: readonly string[]): [TlsKey, TlsKey] | [] {
  if (given.includes("cert") === given.includes("key")) return [];
  return given.includes("cert") ? ["cert", "key"] : ["key", "cert"];
}
