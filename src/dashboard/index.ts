// The dashboard: the fleet in a browser.
export { isLoopback } from "./access.ts";
export { Dashboard, type DashboardOptions } from "./dashboard.ts";
export { DashboardAddressError } from "./server.ts";
