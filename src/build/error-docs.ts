// What every error class of src/ says of itself: its code and exit code, and the tags @cause, @remedy and @example.
import { join } from "node:path";
import { Glob } from "bun";
import { ExitCode } from "../common/errors.ts";

const ROOT = join(import.meta.dir, "../..");

export interface ErrorDoc {
  className: string;
  /** Name of the class that it extends. */
  parent: string;
  /** Path from the root of the repository. */
  file: string;
  code: string;
  exitCode: number;
  /** What it is, in a sentence. */
  summary: string;
  cause: string;
  remedy: string;
  /** A message as it is printed. */
  example: string;
}

interface WrittenClass {
  className: string;
  parent: string;
  file: string;
  comment: string;
  body: string;
}

const CLASS = /(?:^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^(?:export )?class (\w+) extends (\w+) \{\n([\s\S]*?)^\}/gm;
const FAMILY = "TcsError";

/** TcsError and all that extend it, by code; the class itself first. @throws Error naming a class that does not say all */
export async function readErrorDocs(): Promise<ErrorDoc[]> {
  const classes = new Map<string, WrittenClass>();
  for await (const file of new Glob("src/**/*.ts").scan(ROOT)) {
    const source = await Bun.file(join(ROOT, file)).text();
    for (const [, comment = "", className = "", parent = "", body = ""] of source.matchAll(CLASS)) {
      const twin = classes.get(className);
      const found = { className, parent, file, comment, body };
      if (twin && isOfFamily(twin, classes)) throw new Error(`${className} is in ${twin.file} and in ${file}`);
      classes.set(className, found);
    }
  }
  const family = [...classes.values()].filter((written) => isOfFamily(written, classes));
  const docs = family.map((written) => toDoc(written, classes));
  return docs.sort((a, b) => a.code.localeCompare(b.code) || a.className.localeCompare(b.className));
}

function isOfFamily({ className, parent }: WrittenClass, classes: ReadonlyMap<string, WrittenClass>): boolean {
  if (className === FAMILY) return true;
  const above = classes.get(parent);
  return above !== undefined && isOfFamily(above, classes);
}

function toDoc(written: WrittenClass, classes: ReadonlyMap<string, WrittenClass>): ErrorDoc {
  const { className, parent, file, comment } = written;
  const code = inherited(written, classes, /readonly code(?:: string)? = "(\w+)"/);
  const exit = inherited(written, classes, /readonly exitCode(?:: number)? = ([\w.]+)/) ?? "ExitCode.failure";
  const [summary, ...tags] = comment
    .replaceAll(/^\s*\* ?/gm, "")
    .split(/^@/m)
    .map((part) => part.replaceAll(/\s+/g, " ").trim());
  const tag = (name: string) => {
    const text = tags.find((part) => part.startsWith(`${name} `))?.slice(name.length + 1);
    if (text === undefined) throw new Error(`${file}: ${className} has no @${name} in its comment`);
    return text;
  };
  if (!summary) throw new Error(`${file}: the comment of ${className} does not begin with what it is`);
  if (code === undefined) throw new Error(`${file}: ${className} has no code`);
  const exitCode = exitCodeOf(exit);
  return {
    ...{ className, parent, file, code, exitCode, summary },
    ...{ cause: tag("cause"), remedy: tag("remedy"), example: tag("example") },
  };
}

/** What a class sets, or the nearest above it. */
function inherited(
  { parent, body }: WrittenClass,
  classes: ReadonlyMap<string, WrittenClass>,
  pattern: RegExp,
): string | undefined {
  const above = classes.get(parent);
  return pattern.exec(body)?.[1] ?? (above && inherited(above, classes, pattern));
}

/** @param text as `ExitCode.usage` or `130` */
function exitCodeOf(text: string): number {
  const name = text.replace(/^ExitCode\./, "");
  const known = Object.entries(ExitCode).find(([key]) => key === name)?.[1];
  const exitCode = known ?? Number(name);
  if (Number.isNaN(exitCode)) throw new Error(`${text} is no exit code`);
  return exitCode;
}
