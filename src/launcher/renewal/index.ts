// Renewal: the services of a launcher go over to another of the installed version.
export { tellHeirGone } from "./heir-gone.ts";
export { Renewal } from "./renewal.ts";
export { Seat } from "./seat.ts";
export { Succession } from "./succession.ts";
export { takeOver } from "./take-over.ts";
