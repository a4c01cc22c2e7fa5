// What `tcs config explain` shows: each value, who set it, and what that is stronger than.
import type { Json, JsonObject } from "../../common/json.ts";
import type { ExplainedValue, Given, ValueSource, VariableSource } from "../../config/provenance/value-source.ts";
import type { Explanation } from "../../launcher/explain-service.ts";
import { type Paint, paintFor } from "./colors.ts";
import type { RenderOptions } from "./view.ts";
import { clean, padEnd, truncate, widthOf } from "./width.ts";

const HEADINGS = ["KEY", "VALUE", "SET BY"] as const;
const GAP = "  ";
/** Characters of a value that are shown however narrow the terminal is. */
const NARROWEST_VALUE = 8;

type Row = readonly [key: string, value: string, source: string];

/** A table: below each value what it overrode. */
export function renderExplanation({ values }: Explanation, options: RenderOptions): string[] {
  const isAlone = values.length === 1;
  const rows = values.map((value) => rowsOf(value, isAlone).map((row) => cleanRow(row, options.unicode)));
  const width = (column: 0 | 1 | 2) => Math.max(...[HEADINGS, ...rows.flat()].map((row) => widthOf(row[column])));
  const keyWidth = width(0);
  const room = options.width - keyWidth - width(2) - 2 * GAP.length;
  const valueWidth = Math.min(width(1), Math.max(room, NARROWEST_VALUE));
  const paint = paintFor(options.color);
  const line = ([key, value, source]: Row) => {
    const cut = isAlone ? value : truncate(value, valueWidth, options.unicode);
    return [padEnd(key, keyWidth), padEnd(cut, valueWidth), source].join(GAP).trimEnd();
  };
  return [paint("bold", line(HEADINGS)), ...rows.flatMap(([first, ...others]) => told(first, others, line, paint))];
}

function told(first: Row | undefined, others: readonly Row[], line: (row: Row) => string, paint: Paint): string[] {
  return [...(first ? [line(first)] : []), ...others.map((row) => paint("dim", line(row)))];
}

function cleanRow([key, value, source]: Row, unicode: boolean): Row {
  return [clean(key, unicode), clean(value, unicode), clean(source, unicode)];
}

/** @param all also that a default was overridden, which goes without saying */
function rowsOf({ key, value, source, overrode }: ExplainedValue, all: boolean): Row[] {
  const told = overrode.filter(({ source: { kind } }) => all || (kind !== "schema" && kind !== "default"));
  return [
    [key, showJson(value), sourceText(source)],
    ...told.map((given): Row => ["", showJson(given.value), `over ${sourceText(given.source)}`]),
  ];
}

/** Text without quotes, if nothing else could be meant. */
function showJson(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[^\s"'[\]{}][^"[\]{}\n]*$/.test(value) && !/^(?:-?\d|true$|false$|null$|~$)/.test(value)
    ? value
    : JSON.stringify(value);
}

function sourceText(source: ValueSource): string {
  switch (source.kind) {
    case "flag":
      return source.flag;
    case "remote":
      return `${source.place} revision ${source.revision}${source.by === undefined ? "" : ` by ${source.by}`}`;
    case "file": {
      const { file, line, column, part, anchor, variables = [] } = source;
      const extras = [part, anchor && `&${anchor}`, ...variables.map(variableText)].filter((extra) => extra);
      return `${file}:${line}:${column}${extras.length > 0 ? ` (${extras.join(", ")})` : ""}`;
    }
    case "environment":
      return variableText(source);
    case "schema":
      return "default of its schema";
    case "default":
      return "default";
    default:
      return source satisfies never;
  }
}

function variableText({ variable, file, line, unset }: VariableSource): string {
  if (unset) return `$${variable} is not set`;
  return file === undefined ? `$${variable}` : `$${variable} of ${file}:${line}`;
}

/** The same for programs. Values are JSON; a secret is `***`, with `secret: true`. */
export function explanationJson({ serviceId, values, notes }: Explanation): JsonObject {
  const given = ({ value, source }: Given) => ({ value, source: sourceJson(source) });
  return {
    version: 1,
    service_id: serviceId,
    values: values.map(({ key, group, secret, overrode, ...winner }) => ({
      key,
      group,
      ...given(winner),
      ...(secret && { secret }),
      overrode: overrode.map(given),
    })),
    notes,
  };
}

function sourceJson(source: ValueSource): JsonObject {
  if (source.kind === "remote") return { ...source, time: new Date(source.time).toISOString() };
  if (source.kind !== "file" || !source.variables) return { ...source, variables: undefined };
  return { ...source, variables: source.variables.map((variable) => ({ ...variable })) };
}
