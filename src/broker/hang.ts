// Whether a nats-server does its work. One whose disk was full goes on taking connections, and answers nothing about its
// streams any more, also when there is room again; one that is frozen takes connections and says nothing at all.

import { exchange } from "./exchange.ts";

/** `none`: nothing listens. */
export type Pulse = "answers" | "silent" | "none";

const REPLY = "_INBOX.tcs-pulse";
const QUESTION = [
  'CONNECT {"verbose":false,"pedantic":false,"name":"tcs-pulse","lang":"tcs","version":"1"}',
  `SUB ${REPLY} 1`,
  `PUB $JS.API.INFO ${REPLY} 0`,
  "",
  "",
].join("\r\n");

/** How long one question may take, and the pause before the next. */
const QUESTION_LIMIT_MS = 5000;
const PAUSE_MS = 100;

/** Whether somebody listens there for `limitMs` who is silent all the time. @param isWanted false ends it */
export async function staysWithoutPulse(
  host: string,
  port: number,
  limitMs: number,
  isWanted: () => boolean,
): Promise<boolean> {
  const since = performance.now();
  while (isWanted() && (await feelPulse(host, port, Math.min(QUESTION_LIMIT_MS, limitMs))) === "silent") {
    if (performance.now() - since >= limitMs) return isWanted();
    await Bun.sleep(PAUSE_MS);
  }
  return false;
}

/** Asks the server's JetStream how it is. Never rejects; what is not answered within `limitMs` is "silent". */
export async function feelPulse(host: string, port: number, limitMs = QUESTION_LIMIT_MS): Promise<Pulse> {
  return await exchange<Pulse>({
    host,
    port,
    limitMs,
    opening: QUESTION,
    // Whatever it answers, an error too, is an answer.
    read: (heard) => (/^(?:MSG|-ERR) /m.test(heard) ? "answers" : undefined),
    silent: "silent",
    closed: "none",
    none: "none",
  });
}
