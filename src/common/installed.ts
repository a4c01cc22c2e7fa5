// Where an installed executable stands: `<prefix>/lib/tcs/<version>-<hash>/tcs`, called by the link `<prefix>/bin/tcs`.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The prefix under which `tcs install` has put an executable; undefined when it is not one of those. */
function prefixOf(executable: string): string | undefined {
  return /^(.*)\/lib\/tcs\/[^/]+\/tcs$/.exec(executable)?.[1];
}

/** The link by which the installed version is called, whichever that is by now. */
export function installedLink(executable: string): string | undefined {
  const prefix = prefixOf(executable);
  const link = prefix === undefined ? undefined : join(prefix, "bin", "tcs");
  return link !== undefined && existsSync(link) ? link : undefined;
}
