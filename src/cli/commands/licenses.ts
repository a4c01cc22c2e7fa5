// tcs licenses: what others have written of this program, and under which terms.
import { NotFoundError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { jsonArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { licensesJson, licenseTexts, renderLicenses } from "../display/licenses.ts";
import { jsonText } from "../display/status-json.ts";
import { thirdParties } from "../licenses/read.ts";
import type { ThirdParty } from "../licenses/third-party.ts";
import { renderOptions, write } from "../output.ts";

export default defineCommand({
  meta: { name: "licenses", description: "Tell what others have written of this program, and under which licenses" },
  examples: [
    ["tcs licenses", "all that is inside: the runtime, the broker, packages"],
    ["tcs licenses zod", "one of them, with its license in full"],
  ],
  args: {
    name: { type: "positional", required: false, description: "Show the license of this one in full" },
    all: { type: "boolean", description: "Show every license in full" },
    ...jsonArg,
  },
  run({ args }): void {
    const all = thirdParties();
    const shown = args.name === undefined ? all : named(args.name, all);
    if (args.json) write([jsonText(licensesJson(shown))]);
    else if (args.all || args.name !== undefined) write(licenseTexts(shown));
    else write(renderLicenses(shown, renderOptions()));
  },
});

/** Those of one name, of which there may be several versions. @throws NotFoundError */
function named(name: string, all: readonly ThirdParty[]): ThirdParty[] {
  const found = all.filter((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found.length > 0) return found;
  const near = nearest(
    name,
    all.map((one) => one.name),
  );
  throw new NotFoundError(`nothing in this program is called "${name}"`, {
    hint: near ? `did you mean "tcs licenses ${near}"?` : '"tcs licenses" lists all that is inside',
  });
}
