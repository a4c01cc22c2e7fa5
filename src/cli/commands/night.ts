// tcs night: what happened in an observing night, for the night log.
import { type Night, nightAt, nightOf, type Site, tally } from "../../client/timeline/index.ts";
import { ExitCode, UsageError } from "../../common/errors.ts";
import { isTimeZone } from "../../common/schedule.ts";
import { loadEnv } from "../../config/dotenv.ts";
import { readSiteSection } from "../../config/site-section.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { fleetArgs, jsonArg } from "../common-args.ts";
import { configIfAny } from "../default-config.ts";
import { defineCommand } from "../define-command.ts";
import { nightJson, nightMarkdown, renderNight } from "../display/events.ts";
import { jsonText } from "../display/status-json.ts";
import { findBroker } from "../fleet-access.ts";
import { openLine } from "../line.ts";
import { isSelected } from "../meant.ts";
import { renderOptions, tell, write } from "../output.ts";
import { tellStory } from "../story.ts";

const DAY_MS = 86_400_000;
/** How many nights back each is. */
const WORDS: ReadonlyMap<string, number> = new Map([
  ["tonight", 0],
  ["today", 0],
  ["yesterday", 1],
]);

export default defineCommand({
  meta: { name: "night", description: "Tell an observing night, noon to noon at the site, for the night log" },
  examples: [
    ["tcs night --timezone America/Santiago", "the night it is now"],
    ["tcs night yesterday --longitude -70.4 --markdown", "for the night log"],
  ],
  args: {
    date: {
      type: "positional",
      required: false,
      description: "The day of the evening (2026-11-20), or yesterday; default: the night it is now",
    },
    service: { type: "string", description: "Only this id, type, variant or pattern (dome.*)", valueHint: "WORD" },
    markdown: { type: "boolean", description: "As Markdown, for the night log" },
    ...jsonArg,
    timezone: { type: "string", description: "Time zone of the site, as America/Santiago", valueHint: "ZONE" },
    longitude: { type: "string", description: "Its longitude instead, degrees, east positive", valueHint: "DEGREES" },
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    if (args.markdown && args.json) throw new UsageError("--markdown and --json exclude each other");
    const site = { ...(await configuredSite(args.config)), ...givenSite(args.timezone, args.longitude) };
    const night = chooseNight(args.date, site, Date.now());
    void natsClient();
    const settings = await findBroker(args);
    const line = await openLine(settings, "tcs night", false);
    const story = await tellStory(line, settings, {
      prefix: settings.subjectPrefix,
      since: night.from,
      until: night.to,
    });
    line.close();
    const words = args.service === undefined ? [] : [args.service];
    const entries = story.entries.filter(({ serviceId, minor }) => !minor && isSelected(serviceId, words));
    const report = { night, site, entries, tallies: tally(entries) };
    if (site.timeZone === undefined && site.longitude === undefined) {
      tell("no site is configured: noon is that of UTC (--timezone, --longitude, or site: in the configuration)");
    }
    if (args.json) write([jsonText(nightJson(report))]);
    else write(args.markdown ? nightMarkdown(report) : renderNight(report, renderOptions()));
    return ExitCode.ok;
  },
});

async function configuredSite(config: string | undefined): Promise<Site | undefined> {
  const file = configIfAny(config);
  return file === undefined ? undefined : await readSiteSection(file, loadEnv(process.cwd(), process.env));
}

/** @throws UsageError */
function givenSite(timeZone: string | undefined, longitude: string | undefined): Site {
  if (timeZone !== undefined && longitude !== undefined)
    throw new UsageError("--timezone and --longitude exclude each other");
  if (timeZone !== undefined) {
    if (isTimeZone(timeZone)) return { timeZone };
    throw new UsageError(`--timezone: given "${timeZone}", expected an IANA time zone, as America/Santiago`);
  }
  if (longitude === undefined) return {};
  const degrees = longitude.trim() === "" ? Number.NaN : Number(longitude);
  if (degrees >= -180 && degrees <= 360) return { longitude: degrees, timeZone: undefined };
  throw new UsageError(`--longitude: given "${longitude}", expected degrees from -180 to 360, east positive`);
}

/** @throws UsageError */
function chooseNight(word: string | undefined, site: Site, now: number): Night {
  const back = WORDS.get(word ?? "tonight");
  if (back !== undefined) return nightAt(now - back * DAY_MS, site);
  const date = word ?? "";
  const isDate = /^\d{4}-\d\d-\d\d$/.test(date) && new Date(`${date}T12:00:00Z`).toJSON()?.startsWith(date);
  if (isDate) return nightOf(date, site);
  throw new UsageError(`tcs night: given "${date}", expected the day of the evening (2026-11-20), or yesterday`);
}
