// `tcs new service`: checks everything, renders the templates, and writes service, test, row and editor support at once.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import testTemplate from "../../generators/templates/service.test.ts.hbs" with { type: "text" };
import servicesHeader from "../../generators/templates/services.yaml.hbs" with { type: "text" };
import { describeError, TcsError } from "../common/errors.ts";
import { type Entry, type FileEntry, type Written, writeAll } from "../common/transaction.ts";
import { editorSupport } from "./editor.ts";
import { SERVICE_KINDS, type ServiceKindName } from "./kinds.ts";
import type { ServiceNames } from "./names.ts";
import type { ServiceKind } from "./service-kind.ts";
import { ServicesFileError, withRow } from "./services-file.ts";

export interface NewService {
  names: ServiceNames;
  kind: ServiceKindName;
  variant: string;
  /** Where service and test go: an absolute path. */
  folder: string;
  /** The configuration file that gets the row: an absolute path; created if missing. */
  servicesFile: string;
  /** Replace an existing service and its test. Other files are never replaced. */
  force: boolean;
  /** Value of the kind's number field in the row; by default that of the template. */
  value?: number;
  message?: string;
}

export interface Scaffolded {
  /** `<type>.<variant>`. */
  id: string;
  files: Written[];
  /** What the user should know or do, one sentence each. */
  notes: string[];
}

/** Fills a handlebars template. */
export type Render = (template: string, data: Record<string, unknown>) => string;

/**
 * Files of that name are there already.
 * @cause A file that is to be written is there already; nothing was written.
 * @remedy Choose another name, or replace it with --force.
 * @example /home/ann/guider.ts and /home/ann/guider.test.ts exist already
 */
export class FileExistsError extends TcsError {
  override readonly code = "E_FILE_EXISTS";
}

/** Restart policy of a new row. */
const RESTART = "on-failure";

/**
 * Makes a service: all of its files, or none.
 * @throws FileExistsError, ServicesFileError, WriteError
 */
export async function newService(request: NewService, render: Render): Promise<Scaffolded> {
  const files = serviceFiles(request, render);
  refuseExisting(files, request.force);
  const row = rowEntry(request);
  const editor = await editorSupport(request.folder);
  const entries: Entry[] = [...files, ...(row ? [row] : []), ...editor.entries];
  const written = writeAll(entries);
  const id = `${request.names.type}.${request.variant}`;
  const notes = row ? [] : [`${request.servicesFile} has a row for ${id} already: it was left as it is`];
  return { id, files: written, notes: [...notes, ...editor.notes] };
}

/** Writes the editor support of `folder` alone, for a copy of a project that came without it. @throws WriteError */
export async function newTypes(folder: string): Promise<Omit<Scaffolded, "id">> {
  const { entries, notes } = await editorSupport(folder);
  return { files: writeAll(entries), notes };
}

function serviceFiles({ names, kind, folder, force }: NewService, render: Render): FileEntry[] {
  const { template, test = testTemplate, field, trial, message }: ServiceKind = SERVICE_KINDS[kind];
  const data = { ...names, field: field.name, value: field.value, trial, message };
  const file = (ending: string, text: string, mode?: number): FileEntry => ({
    kind: "file",
    path: join(folder, `${names.type}${ending}`),
    content: render(text, data),
    replaces: force ? "anything" : "nothing",
    ...(mode === undefined ? {} : { mode }),
  });
  // Executable, for its first line: ./telescope_monitor.ts runs it.
  return [file(".ts", template, 0o777 & ~process.umask()), file(".test.ts", test)];
}

function refuseExisting(files: readonly FileEntry[], force: boolean): void {
  const there = files.map((file) => file.path).filter((path) => existsSync(path));
  if (there.length === 0 || force) return;
  throw new FileExistsError(`${there.join(" and ")} ${there.length > 1 ? "exist" : "exists"} already`, {
    hint: "nothing was written; choose another name, or replace with --force",
  });
}

function rowEntry(request: NewService): FileEntry | undefined {
  const { names, kind, variant, folder, servicesFile } = request;
  const { field, message, row: own = {} }: ServiceKind = SERVICE_KINDS[kind];
  // A link is followed: the file it leads to gets the row.
  const path = existsSync(servicesFile) ? realpathSync(servicesFile) : servicesFile;
  const text = existsSync(servicesFile) ? readText(servicesFile) : undefined;
  const row = {
    type: names.type,
    variant,
    module: modulePath(dirname(servicesFile), join(folder, `${names.type}.ts`)),
    restart: RESTART,
    ...own,
    [field.name]: request.value ?? field.value,
    message: request.message ?? message,
  };
  const content = withRow(text ?? servicesHeader, row, servicesFile);
  if (content === undefined) return undefined;
  return { kind: "file", path, content, replaces: text === undefined ? "nothing" : { text } };
}

/** As it is written in a row: relative to the configuration file, with `./` in front. */
function modulePath(from: string, to: string): string {
  const path = relative(from, to).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}

function readText(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (cause) {
    const why = cause instanceof TypeError ? "it is not UTF-8 text" : describeError(cause);
    throw new ServicesFileError(`${path}: cannot be read: ${why}`, { cause, hint: "nothing was written" });
  }
}
