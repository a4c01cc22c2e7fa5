// How a program says who it is to the broker: what `nats:` and the environment may say of it. One way at a time.
import type { Checker } from "./checker.ts";
import type { Env } from "./expand.ts";
import { filePath, readSecretFile } from "./secret-file.ts";
import { isNull, type MapNode, type Node } from "./source-tree.ts";
import type { NatsLogin } from "./types.ts";

export const LOGIN_KEYS = [
  "user",
  "password",
  "password_file",
  "token",
  "token_file",
  "nkey_file",
  "creds_file",
] as const;
type LoginKey = (typeof LOGIN_KEYS)[number];

/** Ways to log in, each with the keys that say it. */
const WAYS: readonly (readonly LoginKey[])[] = [
  ["user", "password", "password_file"],
  ["token", "token_file"],
  ["nkey_file"],
  ["creds_file"],
];

/** Reads the keys of the login. @param folder of the configuration file: paths are relative to it */
export function readLogin(checker: Checker, map: MapNode, folder: string): NatsLogin | undefined {
  const given = LOGIN_KEYS.filter((key) => !isNull(map.entries.get(key)?.value));
  const place = (key: LoginKey) => ({ source: map.source, offset: map.entries.get(key)?.keyOffset ?? map.offset });
  const has = (key: LoginKey) => given.includes(key);
  const text = (key: LoginKey) => {
    const value = map.entries.get(key)?.value;
    return value === undefined || isNull(value) ? undefined : readWord(checker, value, key);
  };
  const file = (key: LoginKey) => {
    const path = text(key);
    if (path === undefined) return undefined;
    const full = filePath(folder, path);
    const read = readSecretFile(full);
    if (read.ok) return full;
    return checker.report(map.entries.get(key)?.value ?? map, `nats.${key}`, read.given, read.expected, read.hint);
  };
  const [way, second] = WAYS.flatMap((keys) => keys.find(has) ?? []);
  if (way !== undefined && second !== undefined) {
    checker.report(place(second), `nats.${second}`, `${second} beside ${way}`, "one way to log in");
    return undefined;
  }
  for (const [key, other] of [
    ["password_file", "password"],
    ["token_file", "token"],
  ] as const) {
    if (has(key) && has(other)) {
      checker.report(place(key), `nats.${key}`, `${key} beside ${other}`, "one of them");
      return undefined;
    }
  }
  if (way?.startsWith("password")) {
    checker.report(place(way), `nats.${way}`, "a password without a user", "user too");
  }
  const user = text("user");
  const password = secret(checker, map, "password", "NATS_PASSWORD") ? text("password") : undefined;
  const token = secret(checker, map, "token", "NATS_TOKEN") ? text("token") : undefined;
  return compact({
    user,
    password,
    passwordFile: file("password_file"),
    token,
    tokenFile: file("token_file"),
    nkeyFile: file("nkey_file"),
    credsFile: file("creds_file"),
  });
}

/**
 * What the environment says of the login: `NATS_USER` with `NATS_PASSWORD` or `NATS_PASSWORD_FILE`, or `NATS_CREDS`,
 * `NATS_NKEY`, `NATS_TOKEN`, `NATS_TOKEN_FILE`, the first of these. `report` is told of a file that cannot be used.
 */
export function loginFromEnv(
  env: Env,
  report: (variable: string, given: string, expected: string, hint?: string) => void,
): NatsLogin | undefined {
  const file = (variable: string, path: string) => {
    const full = filePath(process.cwd(), path);
    const read = readSecretFile(full);
    if (!read.ok) report(variable, read.given, read.expected, read.hint);
    return read.ok ? full : undefined;
  };
  if (env.NATS_USER) {
    const user = env.NATS_USER;
    if (env.NATS_PASSWORD) return { user, password: env.NATS_PASSWORD };
    if (!env.NATS_PASSWORD_FILE) return { user };
    return compact({ user, passwordFile: file("NATS_PASSWORD_FILE", env.NATS_PASSWORD_FILE) });
  }
  if (env.NATS_CREDS) return compact({ credsFile: file("NATS_CREDS", env.NATS_CREDS) });
  if (env.NATS_NKEY) return compact({ nkeyFile: file("NATS_NKEY", env.NATS_NKEY) });
  if (env.NATS_TOKEN) return { token: env.NATS_TOKEN };
  if (env.NATS_TOKEN_FILE) return compact({ tokenFile: file("NATS_TOKEN_FILE", env.NATS_TOKEN_FILE) });
  return undefined;
}

/** Whether text of a configuration file has all of its secret from variables: `${NAME}`, with no default that says it. */
export function isOnlyVariables(text: string): boolean {
  return /^(?:\$\{[A-Za-z_][A-Za-z0-9_]*(?::-)?\})+$/.test(text);
}

/** Whatever stands there may be a secret: it is never shown. */
function readWord(checker: Checker, value: Node, key: LoginKey): string | undefined {
  return value.kind === "scalar"
    ? checker.text(value, `nats.${key}`, "text")
    : checker.report(value, `nats.${key}`, "no text", "text");
}

/** Refuses a secret that everybody who has the file can read. */
function secret(checker: Checker, map: MapNode, key: "password" | "token", variable: string): boolean {
  const value = map.entries.get(key)?.value;
  if (value?.kind !== "scalar" || isNull(value) || isOnlyVariables(String(value.value))) return true;
  checker.report(
    value,
    `nats.${key}`,
    `a ${key} in clear`,
    `\${${variable}}, set in the environment or in .env; or ${key}_file: a file only you can read`,
  );
  return false;
}

function compact(login: { [K in keyof NatsLogin]: NatsLogin[K] | undefined }): NatsLogin | undefined {
  const given = Object.entries(login).filter(([, value]) => value !== undefined);
  // The same keys, less those without a value.
  return given.length === 0 ? undefined : (Object.fromEntries(given) as NatsLogin);
}
