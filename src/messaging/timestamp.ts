// Timestamps of the wire: [year, month 1..12, day, hour, minute, second, microsecond], UTC.

export type WireTimestamp = [number, number, number, number, number, number, number];

/** `time` (milliseconds since the epoch, fractions kept to a microsecond; default now) as a wire timestamp. */
export function toWireTimestamp(time: number = Date.now()): WireTimestamp {
  const date = new Date(time);
  const micros = Math.floor((time - Math.floor(time)) * 1000);
  return [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    date.getUTCMilliseconds() * 1000 + micros,
  ];
}

/** `value` if it is a timestamp. Longer arrays (old format) are cut to 7. */
export function readWireTimestamp(value: unknown): WireTimestamp | undefined {
  if (!Array.isArray(value) || value.length < 7) return undefined;
  for (let part = 0; part < 7; part++) if (!Number.isInteger(value[part])) return undefined;
  // Seven integers.
  const timestamp = (value.length === 7 ? value : value.slice(0, 7)) as WireTimestamp;
  const [, month, day, hour, minute, second] = timestamp;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  return timestamp;
}

/** The furthest from the epoch that a Date can be, milliseconds. */
const FURTHEST_MS = 8.64e15;

/** Milliseconds since the epoch, or undefined if `value` is no timestamp, or further away than a Date can be. */
export function fromWireTimestamp(value: unknown): number | undefined {
  const timestamp = readWireTimestamp(value);
  if (!timestamp) return undefined;
  const [year, month, day, hour, minute, second, micro] = timestamp;
  const time = Date.UTC(year, month - 1, day, hour, minute, second) + micro / 1000;
  return Math.abs(time) <= FURTHEST_MS ? time : undefined;
}
