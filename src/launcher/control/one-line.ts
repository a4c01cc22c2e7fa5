// What others have written, made fit for a line of ours.

/** Without line breaks and control characters, and no longer than `longest`. */
export function oneLine(text: string, longest: number): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, longest);
}
