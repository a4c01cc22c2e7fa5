// Which of the installed configurations is meant.
import { NotFoundError, UsageError } from "../../../common/errors.ts";
import { type Installed, isSame } from "../../../systemd/units/index.ts";
import { namedFile, type WhichValues } from "./unit-args.ts";

/**
 * The one that is named, or the only one there is. Empty when there are none, and none is named.
 * @throws NotFoundError when it is not installed, UsageError when there are several and none is named
 */
export function chooseInstalled(
  values: WhichValues,
  configurations: readonly Installed[],
  command: string,
): readonly Installed[] {
  const file = namedFile(values, command);
  const { launcher } = values;
  if (file === undefined && launcher === undefined) {
    if (configurations.length <= 1) return configurations;
    throw new UsageError(`tcs ${command}: there are several configurations: expected one of ${list(configurations)}`);
  }
  const wanted = { ...(file === undefined ? {} : { file }), ...(launcher === undefined ? {} : { launcher }) };
  const found = configurations.filter((one) => isSame(one, { file: one.file, ...wanted }));
  if (found.length > 0) return found;
  const there = configurations.length === 0 ? "there are none" : `there is ${list(configurations)}`;
  throw new NotFoundError(`no units were written for ${[file, launcher].filter(Boolean).join(", ")}: ${there}`, {
    hint: values.user
      ? 'units of the system are another matter: without "--user"'
      : 'units of your own are another matter: "--user"',
  });
}

function list(configurations: readonly Installed[]): string {
  return configurations.map(({ file, launcher }) => (launcher ? `${file} --launcher ${launcher}` : file)).join(", ");
}
