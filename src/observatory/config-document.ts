// The observatory's own description of itself: `{published, config: {telescopes, site}}`, published by its OCABox server.
import { z } from "zod";

const Geo = z.object({ lat: z.number(), lon: z.number(), elev: z.number().optional() });

/** Only what is read here is checked; the rest is kept as it is. */
export const ObservatoryDocument = z.looseObject({
  config: z.looseObject({
    telescopes: z.record(z.string(), z.looseObject({})),
    site: z.unknown().optional(),
  }),
});
export type ObservatoryDocument = z.output<typeof ObservatoryDocument>;

const Site = z.looseObject({ global: z.looseObject({ geo_location: Geo }) });
const WithComponents = z.looseObject({
  observatory: z.looseObject({ components: z.record(z.string(), z.looseObject({})) }),
});

export interface Site {
  /** Degrees, north is positive. */
  latitude: number;
  /** Degrees, east is positive. */
  longitude: number;
  /** Metres above the sea. */
  elevation: number | undefined;
}

/** What an observatory says of its site and telescopes. */
export class ObservatoryConfig {
  /** The document as it was published. */
  readonly document: ObservatoryDocument;

  constructor(document: ObservatoryDocument) {
    this.document = document;
  }

  /** As `["wk06", "zb08"]`. */
  get telescopes(): string[] {
    return Object.keys(this.document.config.telescopes);
  }
  /** Where it is; undefined when the document does not tell. */
  get site(): Site | undefined {
    const site = Site.safeParse(this.document.config.site);
    if (!site.success) return undefined;
    const { lat, lon, elev } = site.data.global.geo_location;
    return { latitude: lat, longitude: lon, elevation: elev };
  }
  /** What it says of each component of `telescope`, by name; empty when it says nothing. */
  components(telescope: string): Record<string, Record<string, unknown>> {
    const found = WithComponents.safeParse(this.document.config.telescopes[telescope]);
    return found.success ? found.data.observatory.components : {};
  }
}
