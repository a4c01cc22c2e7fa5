// What can go wrong with the values that the broker keeps.
import { TcsError } from "../common/errors.ts";

/**
 * The broker cannot keep values, or refuses to.
 * @cause The broker cannot keep values, or refuses: it has no JetStream, or its limits are reached.
 * @remedy Start nats-server with -js, or raise the limits of the account; "tcs doctor" looks at both.
 * @example tcs_config cannot be kept: the broker runs without JetStream
 */
export class SettingsStoreError extends TcsError {
  override readonly code = "E_SETTINGS_STORE";
}
