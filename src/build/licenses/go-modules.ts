// The Go modules inside nats-server: what the executable tells of itself, and under which license each is.
import { readFileSync } from "node:fs";
import type { ThirdParty } from "../../cli/licenses/third-party.ts";
import { textOf } from "./spdx.ts";

interface Terms {
  license: string;
  notice: string;
}

const GO_AUTHORS: Terms = {
  license: "BSD-3-Clause",
  notice: "Copyright (c) 2009 The Go Authors. All rights reserved.",
};
const NATS_AUTHORS: Terms = { license: "Apache-2.0", notice: "Copyright The NATS Authors" };

/** By the beginning of a module's path: what any nats-server has been made of. */
const TERMS: Readonly<Record<string, Terms>> = {
  "github.com/antithesishq/antithesis-sdk-go": { license: "MIT", notice: "Copyright (c) 2024 antithesishq" },
  "github.com/google/go-tpm": { license: "Apache-2.0", notice: "Copyright (c) 2018, Google LLC All rights reserved." },
  "github.com/klauspost/compress": {
    license: "BSD-3-Clause",
    notice:
      "Copyright (c) 2012 The Go Authors. All rights reserved.\nCopyright (c) 2019 Klaus Post. All rights reserved.",
  },
  "github.com/minio/highwayhash": {
    license: "Apache-2.0",
    notice: "Copyright (c) 2017 Minio Inc. All rights reserved.",
  },
  "github.com/nats-io/": NATS_AUTHORS,
  "go.uber.org/automaxprocs": { license: "MIT", notice: "Copyright (c) 2017 Uber Technologies, Inc." },
  "golang.org/x/": GO_AUTHORS,
};

const SERVER = /^github\.com\/nats-io\/nats-server(\/v\d+)?$/;

/** In front of what a Go program tells of its build; 32 bytes in all. See debug/buildinfo of Go. */
const BUILD_INFO = "\xff Go buildinf:";
const BUILD_INFO_BYTES = 32;
/** Modules as they are named in `import`, up to the name of a module; as names of functions begin in the symbol table. */
const FUNCTION = /\0((?:github\.com\/[\w.-]+|golang\.org\/x|go\.uber\.org|gopkg\.in|google\.golang\.org)\/[\w-]+)[./]/g;

export interface GoModule {
  path: string;
  version: string | undefined;
}

/**
 * Which modules, the server itself left out, and which Go a nats-server is made of. Debian builds without modules: then
 * the names of functions tell them, and what Debian noted at the build the versions.
 * @param builtUsing as in Debian's `Built-Using`: `golang-1.19 (= 1.19.8-2), golang-github-nats-io-nkeys (= 0.3.0-2)`
 */
export function goModules(executable: string, builtUsing = ""): { go: string | undefined; modules: GoModule[] } {
  const bytes = readFileSync(executable).toString("latin1");
  const { go, told } = buildInfo(bytes);
  const listed = [...told.matchAll(/^dep\t(\S+)\t(\S+)/gm)].map(([, path = "", version]) => ({ path, version }));
  if (listed.length > 0) return { go, modules: listed };
  const paths = new Set([...bytes.matchAll(FUNCTION)].map(([, path = ""]) => path));
  const modules = [...paths].filter((path) => !SERVER.test(path)).toSorted();
  return { go, modules: modules.map((path) => ({ path, version: debianVersion(path, builtUsing) })) };
}

/** What `go version -m` prints, and Go's own version. */
function buildInfo(bytes: string): { go: string | undefined; told: string } {
  const start = bytes.indexOf(BUILD_INFO);
  // Bit 1: the texts stand here, with their lengths. Otherwise the program was built before Go 1.18, and we know nothing.
  if (start < 0 || (bytes.charCodeAt(start + BUILD_INFO.length + 1) & 2) === 0) return { go: undefined, told: "" };
  const [go, next] = textAt(bytes, start + BUILD_INFO_BYTES);
  return { go: go.replace(/^go/, ""), told: textAt(bytes, next)[0] };
}

/** A text behind its length, a varint. */
function textAt(bytes: string, at: number): [text: string, next: number] {
  let length = 0;
  let position = at;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.charCodeAt(position++);
    length |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
  }
  return [bytes.slice(position, position + length), position + length];
}

/** Of `golang.org/x/crypto` that of golang-go.crypto or golang-golang-x-crypto, without Debian's own additions. */
function debianVersion(path: string, builtUsing: string): string | undefined {
  const [host = "", ...rest] = path.split("/");
  const names = [`${host.split(".").at(-2)}-${rest.join("-")}`, `go.${rest.at(-1)}`, `uber-${rest.at(-1)}`];
  for (const [, name = "", version = ""] of builtUsing.matchAll(/golang-(\S+) \(= (?:\d+:)?([\d.]+)[^)]*\)/g)) {
    if (names.includes(name)) return `v${version}`;
  }
  return undefined;
}

/** A license that has been looked up by nobody: who builds for himself may do so; a release is refused. */
export const UNKNOWN = "NOASSERTION";

export function describeModule({ path, version }: GoModule): ThirdParty {
  const terms = Object.entries(TERMS).find(([beginning]) => path.startsWith(beginning))?.[1];
  const license = terms?.license ?? UNKNOWN;
  const text = terms ? textOf(terms.license, terms.notice) : `See https://pkg.go.dev/${path}?tab=licenses`;
  return { name: path, version, license, part: "broker module", text };
}

export function describeGo(version: string | undefined): ThirdParty {
  const { license, notice } = GO_AUTHORS;
  return { name: "Go standard library", version, license, part: "broker module", text: textOf(license, notice) };
}
