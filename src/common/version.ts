// Which tcs this is: its version, and the commit it was built from.
import { version } from "../../package.json" with { type: "json" };

/** Put in by the build (src/build/compile.ts); not there when run from source. */
declare const TCS_VERSION: string;
declare const TCS_COMMIT: string;
declare const TCS_DATE: string;

/** As `0.1.0`, between releases `0.1.1-dev.5+g3f2a91c`; from source `0.1.0+dev`. */
export const VERSION: string = typeof TCS_VERSION === "undefined" ? `${version}+dev` : TCS_VERSION;

/** As `3f2a91c`; undefined from source. */
export const COMMIT: string | undefined = typeof TCS_COMMIT === "undefined" ? undefined : TCS_COMMIT;

/** The day of that commit, as `2026-11-21`; from source today. */
export const BUILT: string = typeof TCS_DATE === "undefined" ? new Date().toISOString().slice(0, 10) : TCS_DATE;
