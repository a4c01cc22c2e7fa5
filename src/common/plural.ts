// Numbers of things, in words.

/** `1 service`, `3 services`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${plural(noun, count)}`;
}

/** `service` for one, `services` for any other number. */
export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}
