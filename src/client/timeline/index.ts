// The story of a fleet: what happened when, and by whom.
export type { EntryKind, Severity, TimelineEntry } from "./entry.ts";
export { StoryFollower } from "./follower.ts";
export { readStory, STORY_STREAMS, type Story, type StoryQuery } from "./history.ts";
export { type Night, nightAt, nightOf, type Site } from "./night.ts";
export { type ServiceTally, tally } from "./summary.ts";
export { Timeline } from "./timeline.ts";
