// Where in an author's own file an error comes from.
import { TcsError } from "./errors.ts";

/** `dome.ts:14:11`: the first line of the author's own in the stack, if there is one. */
export function placeOf(error: unknown): string | undefined {
  if (error instanceof TcsError || !(error instanceof Error)) return undefined;
  const frame = (error.stack ?? "").match(/[( ]((?:file:\/\/)?\/(?!\$bunfs)[^\s()]+):(\d+):(\d+)\)?$/m);
  if (!frame?.[1] || frame[1].includes("/node_modules/")) return undefined;
  return `${frame[1].split("/").at(-1)}:${frame[2]}:${frame[3]}`;
}
