// A service's own configuration does not fit its schema.
import { ExitCode, TcsError } from "../common/errors.ts";
import type { FieldIssue } from "../config/service-config.ts";

export class InvalidServiceConfig extends TcsError {
  override readonly code = "E_SERVICE_CONFIG";
  override readonly exitCode = ExitCode.configInvalid;
  readonly issues: FieldIssue[];

  constructor(id: string, issues: FieldIssue[]) {
    super(
      `invalid configuration of ${id}: ${issues.map((i) => `${i.path.join(".")}: expected ${i.expected}`).join("; ")}`,
    );
    this.issues = issues;
  }
}
