// Questions to a person; nobody is asked where nobody can answer.
import { createInterface } from "node:readline/promises";

/** Whether somebody sits there. @param askedOn where the question would stand */
export function isInteractive(askedOn: { isTTY?: boolean } = process.stderr): boolean {
  return process.stdin.isTTY === true && askedOn.isTTY === true && !process.env.CI;
}

/** Asks on standard error; Enter, Ctrl-D and everything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
