// What others have written and this program contains: a list, and the text of each license, as one archive.
import { packTexts, unpackTexts } from "../../common/text-archive.ts";

/** How it is inside, in the order in which they are listed. */
export const PARTS = ["runtime", "broker", "broker module", "package", "types"] as const;

export interface ThirdParty {
  name: string;
  /** Not known of a Go module where the broker's builder has not told. */
  version: string | undefined;
  /** An SPDX expression, as `MIT` or `(MIT OR CC0-1.0)`. */
  license: string;
  part: (typeof PARTS)[number];
  /** The license in full, with whose work it is. */
  text: string;
}

/** The list is in the archive under this name, each text under its place in the list. */
const LIST = "list";

export function packThirdParties(all: readonly ThirdParty[]): Uint8Array {
  const list = JSON.stringify(all.map(({ text: _, ...about }) => about));
  return packTexts(new Map([[LIST, list], ...all.map(({ text }, i): [string, string] => [String(i), text])]));
}

export function unpackThirdParties(archive: Uint8Array): ThirdParty[] {
  const texts = unpackTexts(archive);
  // Made by packThirdParties; JSON has no undefined.
  const list = JSON.parse(texts[LIST] ?? "[]") as Omit<ThirdParty, "text">[];
  return list.map((about, i) => ({ ...about, version: about.version, text: texts[String(i)] ?? "" }));
}

/** In the order of their parts, then of their names, then of their versions. */
export function inOrder(all: readonly ThirdParty[]): ThirdParty[] {
  const key = ({ part, name, version }: ThirdParty) =>
    [PARTS.indexOf(part), name.toLowerCase(), version ?? ""] as const;
  return all.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    const at = left.findIndex((value, i) => value !== right[i]);
    return at < 0 ? 0 : (left[at] ?? "") < (right[at] ?? "") ? -1 : 1;
  });
}
