// Names of error classes, which users read and log, through the minifier.
import { expect, test } from "bun:test";
import { withErrorNames } from "../../src/build/error-names.ts";

test("an error class gets its name on its first line, other classes stay", () => {
  const source = "export class NoDomeError extends TcsError {\n}\nclass Dome extends Device {\n}\n";
  const [first, ...rest] = withErrorNames(source).split("\n");
  expect(first).toBe(
    'export class NoDomeError extends TcsError { static override readonly name: string = "NoDomeError";',
  );
  expect(rest).toEqual(source.split("\n").slice(1));
});
