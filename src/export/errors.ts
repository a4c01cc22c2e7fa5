// What can be wrong with a fleet that is to be exported.
import { ExitCode, TcsError } from "../common/errors.ts";

/**
 * This fleet cannot be put into containers as it stands.
 * @cause The configuration has something that the files to be exported cannot say.
 * @remedy Do what the second line says: another --files, or a configuration of one file.
 * @example services.yaml:1:10: include: given other files, expected a configuration of one file
 */
export class ExportError extends TcsError {
  override readonly code = "E_EXPORT";
}

/**
 * A file is not as an export left it.
 * @cause A file that an export would write was changed since the last export, or was never of one.
 * @remedy Keep it and export to another folder with --out, or write over it with --force.
 * @example exported/compose.yaml: not as an export has written it
 */
export class ChangedByHandError extends TcsError {
  override readonly code = "E_CHANGED_BY_HAND";
}

/**
 * A secret stands in the configuration itself.
 * @cause A secret stands in the configuration itself, and an export would copy it to where many can read it.
 * @remedy Write ${NAME} in its place, and give the variable by .env, the environment or a secret of the cluster.
 * @example services.yaml:3:14: guider.main.api_key: a secret in the file, expected a variable as ${NAME}
 */
export class SecretInFileError extends TcsError {
  override readonly code = "E_SECRET_IN_FILE";
  override readonly exitCode = ExitCode.configInvalid;
}
