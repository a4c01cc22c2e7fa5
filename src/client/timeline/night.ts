// Observing nights: noon to noon at the site, named by the day on which they begin.

/** Where the telescope stands. */
export interface Site {
  name?: string | undefined;
  /** IANA time zone: its noon begins the night. */
  timeZone?: string | undefined;
  /** Degrees, east positive: mean solar noon begins the night, where no time zone is given. */
  longitude?: number | undefined;
}

export interface Night {
  /** `2026-11-20`: the day of the evening. */
  date: string;
  /** Milliseconds since the epoch. */
  from: number;
  /** The noon after, excluded. */
  to: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The night in which `time` lies. */
export function nightAt(time: number, site: Site = {}): Night {
  // The day at the site twelve hours before: of the evening, whichever side of midnight it is.
  const guess = new Date(time + offsetMs(time, site) - DAY_MS / 2).toISOString().slice(0, 10);
  const night = nightOf(guess, site);
  // A change to or from summer time moves a noon by an hour.
  if (time < night.from) return nightOf(shift(guess, -1), site);
  return time >= night.to ? nightOf(shift(guess, 1), site) : night;
}

/** The night that begins on the noon of `date` (`2026-11-20`). */
export function nightOf(date: string, site: Site = {}): Night {
  return { date, from: noon(date, site), to: noon(shift(date, 1), site) };
}

function noon(date: string, site: Site): number {
  const asUtc = Date.parse(`${date}T12:00:00Z`);
  const first = asUtc - offsetMs(asUtc, site);
  // The offset at noon itself, where it changes in between.
  return asUtc - offsetMs(first, site);
}

function shift(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How far the site's clock is ahead of UTC. */
function offsetMs(time: number, { timeZone, longitude }: Site): number {
  if (timeZone === undefined) return longitude === undefined ? 0 : Math.round((longitude / 15) * HOUR_MS);
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}
