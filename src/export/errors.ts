// What can be wrong with a fleet that is to be exported.
import { ExitCode, TcsError } from "../common/errors.ts";

/** This fleet cannot be put into containers as it stands. */
export class ExportError extends TcsError {
  override readonly code = "E_EXPORT";
}

/** A file is not as an export left it. */
export class ChangedByHandError extends TcsError {
  override readonly code = "E_CHANGED_BY_HAND";
}

/** A secret stands in the configuration itself. */
export class SecretInFileError extends TcsError {
  override readonly code = "E_SECRET_IN_FILE";
  override readonly exitCode = ExitCode.configInvalid;
}
