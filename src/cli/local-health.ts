// Whether what runs on this host, with this state folder, is alive: for the probes of containers. Asks no broker.
import { ExitCode, NotFoundError } from "../common/errors.ts";
import { stateFolder } from "../common/paths.ts";
import { askForLife, type LifeAnswer } from "../common/sign-of-life.ts";
import { jsonText } from "./display/status-json.ts";
import { clean, wantsUnicode } from "./display/width.ts";
import { write } from "./output.ts";

const LIMIT_MS = 3000;

export interface LocalHealthOptions {
  /** What runs must be well, too. */
  ready: boolean;
  json: boolean;
  /** How long an answer may take, milliseconds (3000). */
  limitMs?: number | undefined;
}

/**
 * Asks every launcher, and every service run by hand, of this state folder; shows what they say.
 * @returns the exit code
 * @throws NotFoundError when there is none
 */
export async function localHealth({ ready, json, limitMs = LIMIT_MS }: LocalHealthOptions): Promise<number> {
  const answers = await askForLife(limitMs);
  if (answers.length === 0) {
    throw new NotFoundError(`nothing of tcs runs here (state folder ${stateFolder()})`, {
      hint: "TCS_STATE_DIR says which state folder is meant",
    });
  }
  write(
    json
      ? [
          jsonText(
            answers.map((answer) => ({ ...answer })),
            0,
          ),
        ]
      : answers.map(line),
  );
  const isWell = (answer: LifeAnswer) => !("fault" in answer) && (!ready || answer.healthy);
  return answers.every(isWell) ? ExitCode.ok : ExitCode.unhealthy;
}

function line(answer: LifeAnswer): string {
  if ("fault" in answer) return `pid ${answer.pid}  ${answer.fault}`;
  const { id, status, message } = answer;
  return clean(`${id}  ${status}${message === "" ? "" : `  ${message}`}`, wantsUnicode(process.env));
}
