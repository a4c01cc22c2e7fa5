// What to say of a first word that is no command.
import { UsageError } from "../common/errors.ts";
import { nearest, startingWith } from "../common/nearest.ts";

/** Words of the program itself. */
const OWN_OPTIONS = ["version", "help"];

/** What `tcs help` explains beside commands and the codes of errors. */
export const TOPICS: readonly string[] = ["errors"];

/** What to say of a word behind `tcs help` that is neither a command nor a topic. */
export function unknownTopic(word: string, commands: readonly string[]): UsageError {
  const near = startingWith(word, commands).length > 0 ? undefined : nearest(word, TOPICS);
  if (near === undefined) return unknownWord(word, commands);
  return new UsageError(`unknown topic "${word}"`, { hint: `did you mean "tcs help ${near}"?` });
}

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
