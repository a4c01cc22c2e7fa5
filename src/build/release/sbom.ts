// A software bill of materials of one executable: CycloneDX 1.6 as JSON. See https://cyclonedx.org/docs/1.6/json/
import type { ThirdParty } from "../../cli/licenses/third-party.ts";
import type { Json, JsonObject } from "../../common/json.ts";
import type { Identity } from "../identity.ts";
import { type Arch, type Target, targetArch } from "../targets.ts";
import type { LockedPackages } from "./package-lock.ts";

export interface SbomOptions {
  /** Name of the executable's file. */
  file: string;
  /** Hexadecimal, of the executable. */
  sha256: string;
  target: Target;
  identity: Identity;
  thirdParties: readonly ThirdParty[];
  locked: LockedPackages;
}

const DEBIAN_ARCH = { x64: "amd64", arm64: "arm64" } as const satisfies Record<Arch, string>;
const NODE_ARCH = { x64: "x64", arm64: "aarch64" } as const satisfies Record<Arch, string>;
const SELF = "tcs";

/** The same for the same executable, whenever and wherever it is made. */
export function sbomOf(options: SbomOptions): JsonObject {
  const { file, sha256, target, identity, thirdParties, locked } = options;
  const { version, commit, time } = identity;
  const parts = thirdParties.map((about) => ({ about, ref: referenceOf(about, target) }));
  const refsOf = (part: ThirdParty["part"]) => parts.filter(({ about }) => about.part === part).map(({ ref }) => ref);
  const byName = new Map(parts.map(({ about, ref }) => [about.name, ref]));
  const inside = (names: Iterable<string>) => [...names].flatMap((name) => byName.get(name) ?? []).toSorted();
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(sha256)}`,
    version: 1,
    metadata: {
      timestamp: new Date(time * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
      component: {
        type: "application",
        "bom-ref": SELF,
        name: SELF,
        version,
        description: `${file}, built from commit ${commit} for ${target}`,
        licenses: [{ license: { id: "MIT" } }],
        hashes: [{ alg: "SHA-256", content: sha256 }],
      },
    },
    components: parts.map(({ about, ref }) => componentOf(about, ref, locked)),
    dependencies: [
      {
        ref: SELF,
        dependsOn: [...refsOf("runtime"), ...refsOf("broker"), ...inside(locked.direct), ...refsOf("types")].sort(),
      },
      ...refsOf("broker").map((ref) => ({ ref, dependsOn: refsOf("broker module") })),
      ...parts
        .filter(({ about }) => about.part === "package")
        .map(({ about, ref }) => ({ ref, dependsOn: inside(locked.dependenciesOf(about.name)) })),
    ].map(({ ref, dependsOn }) => ({ ref, dependsOn: [...new Set(dependsOn)].filter((other) => other !== ref) })),
  };
}

function componentOf(about: ThirdParty, ref: string, locked: LockedPackages): JsonObject {
  const { name, version, license, part } = about;
  const [, group, bare = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const sha512 = part === "package" || part === "types" ? locked.sha512Of(name) : undefined;
  return {
    type: part === "runtime" ? "platform" : part === "broker" ? "application" : "library",
    "bom-ref": ref,
    ...(group !== undefined && { group }),
    name: bare,
    ...(version !== undefined && { version }),
    licenses: licensesOf(license),
    ...(sha512 !== undefined && { hashes: [{ alg: "SHA-512", content: sha512 }] }),
    ...(ref.startsWith("pkg:") && { purl: ref }),
  };
}

function licensesOf(license: string): Json[] {
  return /[\s(]/.test(license) ? [{ expression: license }] : [{ license: { id: license } }];
}

/** A package URL: https://github.com/package-url/purl-spec */
function referenceOf({ name, version, part }: ThirdParty, target: Target): string {
  const at = version === undefined ? "" : `@${encodeURIComponent(version)}`;
  switch (part) {
    case "runtime": {
      const kind = target.replace(/^linux-(x64|arm64)/, "");
      return `pkg:npm/%40oven/bun-linux-${NODE_ARCH[targetArch(target)]}${kind}${at}`;
    }
    case "broker":
      // Debian's versions end with its own; the project's do not.
      return /-/.test(version ?? "")
        ? `pkg:deb/debian/${name}${at}?arch=${DEBIAN_ARCH[targetArch(target)]}`
        : `pkg:github/nats-io/${name}${version === undefined ? "" : `@v${version}`}`;
    case "broker module":
      return name === "Go standard library" ? `pkg:golang/std${at}` : `pkg:golang/${name}${at}`;
    case "package":
    case "types":
      return `pkg:npm/${name.replace(/^@/, "%40")}${at}`;
    default:
      return part satisfies never;
  }
}

/** A name-based UUID (version 8 of RFC 9562: by a rule of its own) of what is already a hash. */
function uuidOf(sha256: string): string {
  const digits = `${sha256.slice(0, 12)}8${sha256.slice(13, 16)}a${sha256.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
