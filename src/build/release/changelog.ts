// CHANGELOG.md: whether it tells of a version. Its form is that of keepachangelog.com.

/** A heading, as `## [0.1.0] - 2026-11-21` or `## [Unreleased]`. */
const HEADING = /^## \[(?<name>[^\]]+)\](?: - (?<date>\d{4}-\d\d-\d\d))?\s*$/gm;

export interface Section {
  /** A version, or "Unreleased". */
  name: string;
  date: string | undefined;
  /** What is told below the heading. */
  text: string;
}

export function sectionsOf(changelog: string): Section[] {
  const headings = [...changelog.matchAll(HEADING)];
  return headings.map(({ index, 0: heading, groups }, i) => ({
    name: groups?.name ?? "",
    date: groups?.date,
    // Links of the headings stand below all sections.
    text: changelog
      .slice(index + heading.length, headings[i + 1]?.index)
      .replace(/^\[[^\]]+\]: .*$/gm, "")
      .trim(),
  }));
}

/** Why a version cannot be released with this changelog; undefined when it can. */
export function missingIn(changelog: string, version: string): string | undefined {
  const section = sectionsOf(changelog).find(({ name }) => name === version);
  if (!section) return `it has no section "## [${version}] - DATE"`;
  if (section.date === undefined) return `its section [${version}] has no date`;
  if (section.text === "") return `its section [${version}] says nothing`;
  return undefined;
}
