// The licenses that the world has names for (SPDX), and their texts.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const TEXTS = join(import.meta.dir, "../../../node_modules/spdx-license-list/licenses");

/** Whether every name in an SPDX expression, as `(MIT OR CC0-1.0)`, is that of a license. */
export function isKnownLicense(expression: string): boolean {
  const names = expression.split(/[\s()]+|\b(?:AND|OR)\b/).filter((word) => word !== "");
  return names.length > 0 && names.every((name) => existsSync(fileOf(name)));
}

/** The text of one license, for a work whose author gives no other. @param notice whose work it is */
export function textOf(name: string, notice: string): string {
  const { licenseText } = JSON.parse(readFileSync(fileOf(name), "utf8")) as { licenseText: string };
  const form = /^Copyright \(c\) <year> <.*>.*$/im;
  return form.test(licenseText) ? licenseText.replace(form, () => notice) : `${notice}\n\n${licenseText}`;
}

function fileOf(name: string): string {
  return join(TEXTS, `${name}.json`);
}
