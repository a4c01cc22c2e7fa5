// What to say of a first word that is no command.
import { UsageError } from "../common/errors.ts";
import { nearest, startingWith } from "../common/nearest.ts";

/** Words of the program itself. */
const OWN_OPTIONS = ["version", "help"];

/** @param commands all that there are, the most used first */
export function unknownWord(word: string, commands: readonly string[]): UsageError {
  if (word.startsWith("-")) {
    const near = nearest(word.replace(/^-+/, ""), OWN_OPTIONS);
    return new UsageError(`unknown option "${word}"`, {
      hint: near ? `did you mean "tcs --${near}"?` : 'options stand behind the command; see "tcs --help"',
    });
  }
  const begun = startingWith(word, commands);
  const near = begun.length > 0 ? begun : [nearest(word, [...commands, ...OWN_OPTIONS]) ?? []].flat();
  return new UsageError(`unknown command "${word}"`, {
    hint: near.length > 0 ? `did you mean ${near.map((name) => `"tcs ${name}"`).join(" or ")}?` : 'see "tcs --help"',
  });
}
