// What `tcs status --watch` was asked for.

export interface WatchOptions {
  word: string | undefined;
  all: boolean;
  detailed: boolean;
  json: boolean;
  fullIds: boolean;
}
