// Writes docs/errors.md from the error classes: bun src/build/errors-page.ts
import { join } from "node:path";
import { EXIT_CODES } from "../cli/man/reference.ts";
import { type ErrorDoc, readErrorDocs } from "./error-docs.ts";

export const ERRORS_PAGE = join(import.meta.dir, "../../docs/errors.md");

const HEAD = `# Errors

<!-- Written by "bun src/build/errors-page.ts" from the error classes in src/. Change it there. -->

Every error that a user can meet: what it means, and what to do. A command that fails writes one line to standard error,
\`tcs: \` and the message (of a configuration one line for each fault), and often a second line that says what to do. Where it has no such
line, it names the code: \`tcs help CODE\` prints what stands here. With \`--json\` the failure is
[an object](#for-programs) that has the code in any case, with \`--verbose\` the code stands behind the message.

## Exit codes

| | |
|---|---|
`;

const FOR_PROGRAMS = `
## For programs

With \`--json\` a command that fails writes one line to standard error, and nothing more to standard output:

\`\`\`json
{"error":{"code":"E_NOT_FOUND","message":"no service \\"camera\\"","hint":"\\"tcs list\\" lists all that are known","exit_code":3}}
\`\`\`

\`code\` is stable; \`message\` and \`hint\` are for people, and may be put better in another version. In a program of yours an error of these
classes has the same as \`code\`, \`message\`, \`hint\` and \`exitCode\`.

## All of them

| code | exit code | |
|---|---|---|
`;

/** The whole page. */
export function errorsPage(docs: readonly ErrorDoc[]): string {
  const exitCodes = Object.entries(EXIT_CODES).map(([code, text]) => `| ${code} | ${text} |\n`);
  const rows = docs.map(
    ({ code, exitCode, summary }) => `| [\`${code}\`](#${code.toLowerCase()}) | ${exitCode} | ${cell(summary)} |\n`,
  );
  return [HEAD, ...exitCodes, FOR_PROGRAMS, ...rows, ...docs.map(section)].join("");
}

function section({ code, className, exitCode, cause, remedy, example }: ErrorDoc): string {
  return `
## ${code}

\`\`\`text
${example}
\`\`\`

**Cause:** ${words(cause)}

**Remedy:** ${words(remedy)}

Class \`${className}\`, exit code ${exitCode}.
`;
}

/** Text as it is, whatever Markdown would make of it. */
function words(text: string): string {
  return text.replaceAll(/\b\w*_\w+\b|\$\{\w+\}|--[a-z-]+|"tcs [^"]*"/g, (word) => `\`${word.replaceAll('"', "")}\``);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) {
  const docs = await readErrorDocs();
  await Bun.write(ERRORS_PAGE, errorsPage(docs));
  console.log(`docs/errors.md: ${docs.length} errors`);
}
