// Launchers that take no new values because something else in their configuration is wrong: whoever sets values is told.
import type { NatsConnection } from "nats";
import type { ServiceInfo } from "../../client/service-info.ts";
import { launcherWords } from "../../common/launcher-words.ts";
import { askRpc } from "../../messaging/rpc.ts";
import { Subjects } from "../../messaging/subjects.ts";
import { clean } from "../display/width.ts";
import { whoAmI } from "../who.ts";

/** How long a launcher may take to look at its configuration, milliseconds. */
const LIMIT_MS = 2_000;

/**
 * A line for each launcher of `services` whose configuration is not valid: it runs on what it read last, and takes the values
 * when that is mended. Launchers that cannot be asked are passed over.
 */
export async function heldBackLines(
  connection: NatsConnection,
  prefix: string,
  services: readonly ServiceInfo[],
): Promise<string[]> {
  const launchers = [...new Set(services.flatMap(({ parent }) => parent ?? []))];
  return (await Promise.all(launchers.map((name) => heldBack(connection, prefix, name)))).flat();
}

async function heldBack(connection: NatsConnection, prefix: string, launcher: string): Promise<string[]> {
  const subject = new Subjects(prefix).rpc(launcher, "reload");
  const request = { by: whoAmI(), dry_run: true, timeout: LIMIT_MS / 1000 };
  try {
    const { result, issues, config_file: file } = await askRpc(connection, subject, request, { limitMs: LIMIT_MS });
    if (result !== "invalid" || !Array.isArray(issues)) return [];
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
    const why = `${String(file)} is not valid: ${String(issues[0])}${more}`;
    return [clean(`${launcherWords(launcher) ?? launcher} runs on what it read last, and takes no new values: ${why}`)];
  } catch {
    // Of the Python framework, of a fleet that we may not ask, or gone: only advice depends on it.
    return [];
  }
}
