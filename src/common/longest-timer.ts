// The limit of a timer.

/** The longest that setTimeout can wait, milliseconds (about 24.8 days): what is longer it takes for nothing. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
