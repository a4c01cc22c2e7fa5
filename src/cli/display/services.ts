// The catalogue of services: who there is, what for, and which fields a row may have.
import { relative } from "node:path";
import type { Json, JsonObject } from "../../common/json.ts";
import type { ConfigFieldAbout } from "../../config/describe-fields.ts";
import type { CatalogueEntry, Origin } from "../../launcher/index.ts";
import { type Paint, paintFor } from "./colors.ts";
import type { RenderOptions } from "./view.ts";
import { clean, padEnd, truncate, widthOf, wrap } from "./width.ts";

const INDENT = "  ";
/** Values wider than this have no column of their own. */
const WIDEST = 24;

export function renderServices(entries: readonly CatalogueEntry[], options: RenderOptions): string[] {
  const paint = paintFor(options.color);
  const groups = Map.groupBy(entries, ({ origin }) => headingOf(origin));
  return [...groups].flatMap(([heading, members], i) => [
    ...(i > 0 ? [""] : []),
    paint("dim", truncate(heading, options.width, options.unicode)),
    ...members.flatMap((entry) => renderEntry(entry, paint, options)),
  ]);
}

function headingOf(origin: Origin): string {
  switch (origin.kind) {
    case "builtin":
      return "In tcs itself";
    case "folder":
      return origin.folder === process.cwd() ? "In this folder" : `In ${shownPath(origin.folder)}`;
    case "configuration":
      return `Named in ${origin.file}`;
    case "package": {
      const { name, version, own } = origin;
      return `${own ? "This package" : "Package"} ${name}${version === undefined ? "" : ` ${version}`}`;
    }
    default:
      return origin satisfies never;
  }
}

function renderEntry(entry: CatalogueEntry, paint: Paint, { width, unicode }: RenderOptions): string[] {
  const { type, origin, path, about, fault, needsModule } = entry;
  const module = path === undefined ? undefined : moduleOf(path, origin);
  const kind = about?.kind === "single-shot" ? "single-shot" : "";
  const extra = [kind, needsModule && module !== undefined ? `module: ${module}` : (module ?? "")];
  const beside = extra.filter((text) => text !== "").join(", ");
  const head = `${INDENT}${clean(type, unicode)}`;
  const first =
    widthOf(head) + 2 + widthOf(beside) <= width || beside === ""
      ? [`${head}  ${beside}`]
      : [head, `${INDENT.repeat(2)}${beside}`];
  const body = (text: string) => wrap(clean(text, unicode), width - 4).map((line) => `${INDENT.repeat(2)}${line}`);
  return [
    ...first.map((line, i) =>
      (i === 0 ? line.replace(type, paint("bold", type)) : truncate(line, width, unicode)).trimEnd(),
    ),
    ...(about?.description === undefined ? [] : body(about.description)),
    ...(about?.note === undefined ? [] : body(`note: ${about.note}`)),
    ...(fault === undefined ? [] : body(`cannot be run: ${fault}`).map((line) => paint("red", line))),
    ...renderFields(about?.fields ?? [], width, unicode),
  ];
}

function renderFields(fields: readonly ConfigFieldAbout[], width: number, unicode: boolean): string[] {
  const rows = fields.map((field) => [field.name, expectedWords(field), defaultWords(field), field.description ?? ""]);
  const columns = [0, 1, 2].map((i) => Math.min(WIDEST, Math.max(0, ...rows.map((cells) => widthOf(cells[i] ?? "")))));
  return rows.map((cells) => {
    const text = cells.map((cell, i) => {
      const shown = clean(cell, unicode);
      return i < 3 ? padEnd(truncate(shown, columns[i] ?? 0, unicode), columns[i] ?? 0) : shown;
    });
    return truncate(`${INDENT.repeat(3)}${text.join("  ")}`.trimEnd(), width, unicode);
  });
}

/** "a positive number" as a label. */
function expectedWords({ expected, secret }: ConfigFieldAbout): string {
  const words = expected?.replace(/^an? /, "") ?? "any value";
  return secret ? `${words}, secret` : words;
}

function defaultWords(field: ConfigFieldAbout): string {
  if (field.required) return "required";
  return field.default === undefined ? "" : `= ${JSON.stringify(field.default)}`;
}

/** As a row would name it. */
function moduleOf(path: string, origin: Origin): string {
  if (origin.kind === "package" && !origin.own) return origin.name;
  return shownPath(path);
}

function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  if (short === "") return ".";
  return short.startsWith("../../") ? path : short.startsWith("..") ? short : `./${short}`;
}

/** Version 1: fields may be added. */
export function servicesJson(entries: readonly CatalogueEntry[], faults: readonly string[]): JsonObject {
  return {
    version: 1,
    services: entries.map(({ type, origin, path, about, fault, needsModule }) => ({
      type,
      from: { ...origin },
      ...(path !== undefined && { file: path }),
      needs_module: needsModule,
      ...(about && {
        kind: about.kind,
        ...(about.description !== undefined && { description: about.description }),
        ...(about.note !== undefined && { note: about.note }),
        fields: about.fields.map((field): Json => ({ ...field })),
      }),
      ...(fault !== undefined && { fault }),
    })),
    faults: [...faults],
  };
}
