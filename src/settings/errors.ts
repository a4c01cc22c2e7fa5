// What can go wrong with the values that the broker keeps.
import { TcsError } from "../common/errors.ts";

/** The broker cannot keep values, or refuses to. */
export class SettingsStoreError extends TcsError {
  override readonly code = "E_SETTINGS_STORE";
}
