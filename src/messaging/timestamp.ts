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

/** Milliseconds since the epoch, or undefined if `value` is no timestamp. Longer arrays (old format) are cut to 7. */
export function fromWireTimestamp(value: unknown): number | undefined {
  if (!Array.isArray(value) || value.length < 7) return undefined;
  const parts = value.slice(0, 7);
  if (!parts.every((part): part is number => Number.isInteger(part))) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, micro = 0] = parts;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second) + micro / 1000;
}
