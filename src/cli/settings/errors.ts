// Why values are not stored.
import { ExitCode, TcsError } from "../../common/errors.ts";

/**
 * Values are refused as they are: one line for each fault.
 * @cause A value is not what the service's schema expects, is secret, or cannot be checked by anybody.
 * @remedy Correct the value; --force stores one that cannot be checked.
 * @example hello_world.main: password is a secret: everybody who may read the broker's streams could read it
 */
export class SettingsRefusedError extends TcsError {
  override readonly code = "E_SETTINGS_REFUSED";
  override readonly exitCode = ExitCode.configInvalid;
  readonly lines: readonly string[];

  constructor(lines: readonly string[], hint = "nothing was stored") {
    super(lines[0] ?? "the values are refused", { hint });
    this.lines = lines;
  }
}

/**
 * Somebody else was faster.
 * @cause Somebody else has changed the values since they were read.
 * @remedy Look at what was changed (tcs config history), and give the command again.
 * @example hello_world.main is at revision 1, not 77: there is no such one
 */
export class SettingsConflictError extends TcsError {
  override readonly code = "E_SETTINGS_CONFLICT";
}
