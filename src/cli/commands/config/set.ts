// tcs config set: values for a service, a type or all services, kept on the broker for every launcher.
import { UsageError } from "../../../common/errors.ts";
import { stepsOf, withValue } from "../../../settings/index.ts";
import { defineCommand } from "../../define-command.ts";
import { parseCount } from "../../numbers.ts";
import { withSettings } from "../../settings/access.ts";
import { forceArg, globalArg, settingsArgs } from "../../settings/command-line.ts";
import { storeAndTell } from "../../settings/store-and-tell.ts";

export default defineCommand({
  meta: { name: "set", description: "Set values of services, for all launchers on the broker" },
  examples: [
    ["tcs config set hello_world interval=2", "every service of a type"],
    ["tcs config set hello_world.main interval=3 message='Good evening'"],
    ["tcs config set --global log_level=info", "all services"],
  ],
  args: {
    service: {
      type: "positional",
      required: true,
      description: "Id or type of the service, then values as interval=2 or limits.max=3",
      valueHint: "...",
    },
    ...globalArg,
    revision: {
      type: "string",
      description: "Only if it is at this revision still: nobody has changed it meanwhile",
      valueHint: "NUMBER",
    },
    ...forceArg,
    ...settingsArgs,
  },
  async run({ args }): Promise<number> {
    const words = args._;
    const name = words[0]?.includes("=") ? undefined : words[0];
    const values = (name === undefined ? words : words.slice(1)).map(assignment);
    if (values.length === 0) {
      throw new UsageError("tcs config set: which values?", {
        hint: 'as "tcs config set hello_world.main interval=2"',
      });
    }
    const expected = parseCount(args.revision, "--revision", Number.MAX_SAFE_INTEGER);
    return await withSettings(args, "set", async (settings) => {
      const scope = await settings.scope(name, args.global);
      const judge = await settings.judge(scope);
      const before = await settings.store.read(scope);
      const after = values.reduce(
        (fields, { path, text }) => withValue(fields, stepsOf(path), judge.value(path, text)),
        before.fields,
      );
      const set = new Set(values.map(({ path }) => path));
      const touched = new Set(values.flatMap(({ path }) => stepsOf(path).slice(0, 1)));
      const kept = judge.secretsIn(before.fields).filter((path) => !set.has(path));
      const stored = Object.fromEntries(Object.entries(before.fields).filter(([field]) => !touched.has(field)));
      await settings.check(scope, after, { force: args.force, kept, stored });
      return await storeAndTell(settings, before, after, { ...args, expected });
    });
  },
});

/** @throws UsageError */
function assignment(word: string): { path: string; text: string } {
  const at = word.indexOf("=");
  const path = word.slice(0, Math.max(0, at)).trim();
  if (stepsOf(path).length === 0) throw new UsageError(`tcs config set: given "${word}", expected as interval=2`);
  return { path, text: word.slice(at + 1) };
}
