// What the command lines of tcs config have in common, of those commands that speak with the broker.
import { UsageError } from "../../common/errors.ts";
import { fleetArgs, jsonArg } from "../common-args.ts";

export const settingsArgs = { ...jsonArg, ...fleetArgs } as const;
export const globalArg = { global: { type: "boolean", description: "What counts for all services" } } as const;
export const forceArg = {
  force: { type: "boolean", description: "Store what nobody can check, or what is secret" },
} as const;

/**
 * A service and the one word that may follow it; with `--global` that word alone.
 * @throws UsageError for a word more
 */
export function nameAndWord(
  { _: words, global }: { _: readonly string[]; global?: boolean | undefined },
  command: string,
): [name: string | undefined, word: string | undefined] {
  const [name, word, surplus] = global ? [undefined, ...words] : words;
  if (surplus === undefined) return [name, word];
  throw new UsageError(`tcs config ${command}: "${surplus}" is one word too many`, {
    hint: `see "tcs config ${command} --help"`,
  });
}
