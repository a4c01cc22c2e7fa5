// Why a launcher was not renewed.
import { TcsError } from "../../common/errors.ts";

/**
 * A launcher could not be renewed: it goes on as before, with all that it has.
 * @cause A launcher could not go over to the new version: it goes on with the old one, with all its services.
 * @remedy See its log for the reason, mend it, and run "tcs install" again; one that runs with --once or --dev is
 *   to be ended and started by hand.
 * @example launcher pid 4711 (services.yaml) cannot be renewed while it runs
 */
export class RenewalError extends TcsError {
  override readonly code = "E_RENEWAL";
}
