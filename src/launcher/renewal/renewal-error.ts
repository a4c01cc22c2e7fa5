// Why a launcher was not renewed.
import { TcsError } from "../../common/errors.ts";

/** A launcher could not be renewed: it goes on as before, with all that it has. */
export class RenewalError extends TcsError {
  override readonly code = "E_RENEWAL";
}
