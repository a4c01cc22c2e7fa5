// What a shell may put at the cursor.
export interface Candidate {
  value: string;
  /** Shown beside it, by shells that can. */
  about?: string | undefined;
}
