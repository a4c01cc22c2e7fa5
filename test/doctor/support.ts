// The doctor, called as a library against a test's own broker.
import type { NatsSettings } from "../../src/config/types.ts";
import { type Diagnosis, diagnose, type Finding } from "../../src/doctor/index.ts";
import { tempFolder } from "../support/temp.ts";

export function settingsFor(servers: string | string[], more: Partial<NatsSettings> = {}): NatsSettings {
  return { servers: [servers].flat(), required: false, subjectPrefix: "svc", origin: "a test", ...more };
}

/** What one check found, and what is said of it on one line: `error: text -> advice`. */
export function said(diagnosis: Diagnosis, check: string): string[] {
  const report = diagnosis.reports.find(({ name }) => name === check);
  if (!report) throw new Error(`no check ${check}; there are ${diagnosis.reports.map(({ name }) => name).join(", ")}`);
  return report.skipped ? [`skipped: ${report.skipped}`] : report.findings.map(line);
}

export function line(finding: Finding): string {
  return finding.level === "ok" ? `ok: ${finding.text}` : `${finding.level}: ${finding.text} -> ${finding.advice}`;
}

/** @param env default: this process's, with a state folder of its own, where no broker of the user's runs */
export async function examine(
  servers: string | string[],
  more: Partial<NatsSettings> = {},
  env?: Record<string, string | undefined>,
): Promise<Diagnosis> {
  using folder = tempFolder();
  const own = { ...process.env, TCS_STATE_DIR: folder.path };
  return await diagnose({ broker: settingsFor(servers, more), env: env ?? own });
}
