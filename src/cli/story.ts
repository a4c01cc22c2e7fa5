// The story of the fleet, read and followed for commands.
import {
  readStory,
  STORY_STREAMS,
  type Story,
  type StoryQuery,
  type TimelineEntry,
  toWireMessage,
} from "../client/timeline/index.ts";
import { TcsError } from "../common/errors.ts";
import type { NatsSettings } from "../config/types.ts";
import { StreamFollower } from "../messaging/stream-follower.ts";
import type { Line } from "./line.ts";
import { tell } from "./output.ts";

/** What is followed is collected this long, so that its two streams come in order of time, milliseconds. */
const COLLECT_MS = 100;

/** @throws TcsError when none of the streams can be read */
export async function tellStory(line: Line, settings: NatsSettings, query: StoryQuery): Promise<Story> {
  const story = await readStory(line.connection, query);
  const [fault] = story.faults;
  if (fault && story.faults.length === STORY_STREAMS.length) {
    line.close();
    throw new TcsError(`cannot read the fleet from ${settings.servers.join(", ")}: ${fault.message}`, {
      hint: 'a launcher ("tcs run") makes the streams when it connects',
    });
  }
  for (const { message } of story.faults) tell(message);
  return story;
}

/** Tells what happens from the end of `story` on, over restarts of the broker; for ever. */
export async function followStory(
  line: Line,
  prefix: string,
  { timeline, after }: Story,
  onEntries: (entries: TimelineEntry[]) => void,
): Promise<never> {
  let waiting: TimelineEntry[] = [];
  const flush = () => {
    onEntries(waiting.sort((a, b) => a.time - b.time));
    waiting = [];
  };
  const followers = STORY_STREAMS.map(
    (kind) =>
      new StreamFollower({
        prefix,
        kind,
        subject: `${prefix}.${kind}.>`,
        after: after[kind],
        onMessage: (subject, payload, { seq, time }) => {
          const message = toWireMessage(subject, payload, seq, time);
          const entry = message && timeline.take(message);
          if (!entry) return;
          if (waiting.length === 0) setTimeout(flush, COLLECT_MS);
          waiting.push(entry);
        },
      }),
  );
  const resume = (connection: Line["connection"]) => {
    for (const follower of followers) follower.resume(connection);
  };
  line.onUp(resume);
  resume(line.connection);
  return await new Promise<never>(() => undefined);
}
