// Home under systemd: services whose lives systemd begins, watches and ends.
export type { OwnDoing } from "./service-unit.ts";
export { SystemdHome } from "./systemd-home.ts";
