// What others have written of this program: a table, JSON, or every license in full.
import type { JsonObject } from "../../common/json.ts";
import type { ThirdParty } from "../licenses/third-party.ts";
import { paintFor } from "./colors.ts";
import { inColumns } from "./columns.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

const HEADINGS = ["NAME", "VERSION", "LICENSE", "WHAT"];

const WORDS = {
  runtime: "the runtime",
  broker: "the broker",
  "broker module": "Go, in the broker",
  package: "npm package",
  types: "types for editors",
} as const satisfies Record<ThirdParty["part"], string>;

export function renderLicenses(all: readonly ThirdParty[], options: RenderOptions): string[] {
  const table = all.map(({ name, version, license, part }) =>
    [name, version ?? "", license, WORDS[part]].map((cell) => clean(cell, options.unicode)),
  );
  const [headings = "", ...lines] = inColumns([HEADINGS, ...table], options);
  return [paintFor(options.color)("dim", headings), ...lines];
}

/** Version 1: fields may be added. */
export function licensesJson(all: readonly ThirdParty[]): JsonObject {
  return {
    format: 1,
    third_parties: all.map(({ name, version, license, part, text }) => ({
      name,
      version: version ?? null,
      license,
      part,
      text,
    })),
  };
}

/** Every license in full, one after the other. */
export function licenseTexts(all: readonly ThirdParty[]): string[] {
  return all.flatMap(({ name, version, license, part, text }, i) => [
    ...(i > 0 ? ["", ""] : []),
    "=".repeat(72),
    `${name}${version === undefined ? "" : ` ${version}`}  ${license}  (${WORDS[part]})`,
    "=".repeat(72),
    "",
    text.trim(),
  ]);
}
