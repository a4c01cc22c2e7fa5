// What the tests of configuration share: a loader without a disk, and the error it ends with.
import { ConfigError } from "../../src/config/errors.ts";
import { type FleetOptions, loadFleetText } from "../../src/config/load-fleet.ts";
import type { FleetConfig } from "../../src/config/types.ts";

export const BUILTINS: ReadonlySet<string> = new Set([
  "hello_world",
  "examples.minimal",
  "examples.basic",
  "examples.logging",
  "examples.monitoring",
  "examples.nonblocking",
]);

/** Loads a text as if it stood in /fleet/services.yaml, beside the files named. */
export function load(
  text: string,
  options: Partial<FleetOptions> & { files?: Record<string, string | undefined> } = {},
): Promise<FleetConfig> {
  const { files = {}, ...rest } = options;
  return loadFleetText({
    file: "/fleet/services.yaml",
    env: {},
    builtinTypes: BUILTINS,
    text,
    modules: { isFile: (path) => path in files, syntaxFault: (path) => files[path] },
    ...rest,
  });
}

/** The lines of the ConfigError that `loading` ends with, the folder taken away. */
export async function linesOf(loading: Promise<unknown>): Promise<string[]> {
  const error = await loading.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ConfigError)) throw new Error("no ConfigError", { cause: error });
  return error.lines.map((line) => line.replace(/^\/fleet\//, ""));
}
