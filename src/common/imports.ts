// What a module imports, read from its text: nothing is run.

/** A first line that says who runs the file, as `tcs new` writes it. */
const SHEBANG = /^#!.*/;

/**
 * The names that a module imports, those of types alone left out.
 * @throws BuildMessage, or an AggregateError of them, for a text that does not parse
 */
export function importsIn(text: string, loader: "ts" | "tsx" | "js" | "jsx"): string[] {
  // scanImports refuses a shebang, which everything else allows; the line break stays, and with it every place.
  return new Bun.Transpiler({ loader }).scanImports(text.replace(SHEBANG, "")).map((one) => one.path);
}
