// A service's own configuration does not fit its schema.
import { ExitCode, TcsError } from "../common/errors.ts";
import type { FieldIssue } from "../config/service-config.ts";
import { pathText } from "../config/source-tree.ts";

/**
 * The values for a service do not fit its schema.
 * @cause A value for a service does not fit the service's own schema.
 * @remedy Correct it where it was set; "tcs config explain SERVICE" says where that is.
 * @example invalid configuration of dome.main: interval: given -1, expected a number greater than 0
 */
export class InvalidServiceConfig extends TcsError {
  override readonly code = "E_SERVICE_CONFIG";
  override readonly exitCode = ExitCode.configInvalid;
  readonly issues: FieldIssue[];

  constructor(id: string, issues: FieldIssue[]) {
    super(`invalid configuration of ${id}: ${issues.map(describe).join("; ")}`);
    this.issues = issues;
  }
}

function describe({ path, given, expected, variable }: FieldIssue): string {
  const source = variable === undefined ? "" : ` by ${variable}`;
  const key = path.length === 0 ? "" : `${pathText(path)}: `;
  return `${key}given ${given}${source}, expected ${expected}`;
}
