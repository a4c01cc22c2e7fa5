// The story of the fleet, read and followed for commands.
import {
  readStory,
  STORY_STREAMS,
  type Story,
  StoryFollower,
  type StoryQuery,
  type TimelineEntry,
} from "../client/timeline/index.ts";
import type { NatsSettings } from "../config/types.ts";
import { StreamUnreadableError } from "../messaging/stream-error.ts";
import type { Line } from "./line.ts";
import { tell } from "./output.ts";

/** @throws StreamUnreadableError when none of the streams can be read */
export async function tellStory(line: Line, settings: NatsSettings, query: StoryQuery): Promise<Story> {
  const story = await readStory(line.connection, query);
  const [fault] = story.faults;
  if (fault && story.faults.length === STORY_STREAMS.length) {
    line.close();
    throw new StreamUnreadableError(`cannot read the fleet from ${settings.servers.join(", ")}: ${fault.message}`, {
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
  story: Story,
  onEntries: (entries: TimelineEntry[]) => void,
): Promise<never> {
  const follower = new StoryFollower(prefix, story, onEntries);
  line.onUp((connection) => follower.resume(connection));
  follower.resume(line.connection);
  return await new Promise<never>(() => undefined);
}
