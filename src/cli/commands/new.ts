// `tcs new`: makes a service (file, test, configuration row, editor support), or the editor support alone.
import { join, relative, resolve } from "node:path";
import { UsageError } from "../../common/errors.ts";
import { shellWord } from "../../common/shell-word.ts";
import type { Written } from "../../common/transaction.ts";
import type { Scaffolded } from "../../scaffold/index.ts";
import { DEFAULT_KIND, KIND_NAMES } from "../../scaffold/kinds.ts";
import { isInteractive } from "../ask.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";
import { defineCommand } from "../define-command.ts";

const EXAMPLE = "telescope_monitor";

const optional = { required: false } as const;

export default defineCommand({
  meta: { name: "new", description: "Write a new service: its file, a test, a row in services.yaml, editor support" },
  examples: [
    ["tcs new service telescope_monitor", "service, test and row"],
    ["tcs new service data_importer --kind single-shot", "of another kind"],
    ["tcs new project dome_control", "a folder of its own"],
  ],
  args: {
    what: {
      ...optional,
      type: "positional",
      description:
        'service; project: a folder of its own for services; or types: only the editor support (".tcs/"), as for a fresh copy of a project',
    },
    name: { ...optional, type: "positional", description: "Name of the service or project, as telescope_monitor" },
    kind: { type: "string", description: `${KIND_NAMES.join(", ")} (default: ${DEFAULT_KIND})`, valueHint: "KIND" },
    variant: { type: "string", description: "Variant of the new row (default: main)", valueHint: "NAME" },
    dir: { type: "string", description: "Folder to write to (default: this one)", valueHint: "FOLDER" },
    config: { type: "string", description: "File that gets the row (default: services.yaml)", valueHint: "FILE" },
    force: { type: "boolean", description: "Replace the service and its test if they exist" },
    yes: { type: "boolean", alias: "y", description: "Ask nothing" },
    json: { type: "boolean", description: "Print what was written as JSON" },
  },
  async run({ args }) {
    if (args.what === "service") return await makeService(args);
    if (args.what === "project") return await makeProject(args);
    if (args.what === "types") return await makeTypes(args);
    const given = args.what === undefined ? "nothing" : JSON.stringify(args.what);
    throw new UsageError(`tcs new: expected "service", "project" or "types", got ${given}`, {
      hint: `for example: tcs new service ${args.what ?? EXAMPLE}`,
    });
  },
});

interface NewArgs {
  name?: string | undefined;
  kind?: string | undefined;
  variant?: string | undefined;
  dir?: string | undefined;
  config?: string | undefined;
  force?: boolean | undefined;
  yes?: boolean | undefined;
  json?: boolean | undefined;
}

async function makeService(args: NewArgs): Promise<void> {
  const { askForService, newService, openRender, serviceRequest } = await import("../../scaffold/index.ts");
  const { name, kind, variant } = args;
  const place = { folder: args.dir ?? ".", servicesFile: args.config, force: args.force === true };
  const interactive = isInteractive(process.stdout) && !args.yes && !args.json;
  if (name === undefined && !interactive) {
    throw new UsageError("the service needs a name", { hint: `for example: tcs new service ${EXAMPLE}` });
  }
  // What was typed is refused before anything is asked.
  const typed = { name, kind, variant };
  if (name !== undefined) serviceRequest(typed, place);
  const request = serviceRequest(interactive ? await askForService(typed) : typed, place);
  const { id, files, notes } = await newService(request, await openRender());

  const { type, className } = request.names;
  await refreshSchema(request.servicesFile);
  if (args.json) return print(JSON.stringify({ id, type, files, notes }, null, 2));
  printWritten(files, notes);
  if (name !== undefined && name !== type) say(`The type is ${type}, the class ${className}.`);
  const next = [
    "tcs test",
    `tcs run --config ${shellWord(shown(request.servicesFile))}`,
    "tcs status        # in another terminal",
  ];
  say(["\nNext:", ...next].join("\n  "));
}

/** A project asks nothing: what it begins with is changed in its files. */
async function makeProject(args: NewArgs): Promise<void> {
  const { newProject, openRender } = await import("../../scaffold/index.ts");
  const { name, kind = DEFAULT_KIND, dir = "." } = args;
  if (name === undefined) {
    throw new UsageError("the project needs a name", { hint: "for example: tcs new project dome_control" });
  }
  refuseForeign(args, "project", ["variant", "config", "force"]);
  const { id, type, folder, files, notes } = await newProject({ name, kind, folder: dir }, await openRender());
  if (args.json) return print(JSON.stringify({ id, type, folder, files, notes }, null, 2));
  printWritten(files, notes);
  const next = [`cd ${shellWord(shown(folder))}`, "tcs test", "tcs run", "tcs status        # in another terminal"];
  say(["\nNext:", ...next].join("\n  "));
}

/** @throws UsageError for an option that would do nothing */
function refuseForeign(args: NewArgs, what: string, options: readonly (keyof NewArgs)[]): void {
  const given = options.find((option) => args[option] !== undefined);
  if (given !== undefined) throw new UsageError(`tcs new ${what}: --${given} is for a service only`);
}

async function makeTypes(args: NewArgs): Promise<void> {
  if (args.name !== undefined) throw new UsageError(`tcs new types: "${args.name}" is one word too many`);
  refuseForeign(args, "types", ["variant", "force"]);
  const { newTypes } = await import("../../scaffold/index.ts");
  const folder = resolve(args.dir ?? ".");
  const { files, notes } = await newTypes(folder);
  const schema = await refreshSchema(args.config ?? join(folder, DEFAULT_CONFIG));
  // As part of a new .tcs/ it is told already.
  if (schema && !files.some(({ path }) => schema.path.startsWith(path))) files.push(schema);
  if (args.json) return print(JSON.stringify({ files, notes }, null, 2));
  printWritten(files, notes);
  if (files.length === 0 && notes.length === 0) say("nothing to write: all is there and up to date");
}

/** By which an editor knows the configuration beside it. Loads services' files: only once they are written. */
async function refreshSchema(servicesFile: string): Promise<Written | undefined> {
  const { refreshEditorSchema } = await import("../editor-schema.ts");
  return await refreshEditorSchema(servicesFile);
}

function printWritten(files: Scaffolded["files"], notes: readonly string[]): void {
  for (const { path, action } of files) print(`${action} ${shown(path)}`);
  for (const note of notes) say(note);
}

/** As a user would type it from here. */
function shown(path: string): string {
  const short = relative(process.cwd(), path) + (path.endsWith("/") ? "/" : "");
  return short.startsWith("../../") ? path : short;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
