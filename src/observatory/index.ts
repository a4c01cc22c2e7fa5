// Telescopes behind the NATS bridge of an observatory, as "ocabox-tcs/observatory".

export type { AskOptions, BridgeOptions } from "./bridge.ts";
export { Component, Property, SettableProperty } from "./component.ts";
export { ObservatoryConfig, type ObservatoryDocument, type Site } from "./config-document.ts";
export { Dome, SHUTTER_STATES, type ShutterState } from "./dome.ts";
export {
  BadReplyError,
  NoAnswerError,
  NoObservatoryConfigError,
  ObservatoryError,
  RefusedError,
  UnknownComponentError,
} from "./errors.ts";
export { Mount } from "./mount.ts";
export { Observatory, type ObservatoryOptions } from "./observatory.ts";
export { BaseOcaBoxService, OcaBoxServiceConfig } from "./service.ts";
export {
  type Horizontal,
  SIDEREAL_RATE,
  shortestTurn,
  siderealTime,
  toEquatorial,
  toHorizontal,
  wrap180,
  wrap360,
} from "./sky.ts";
export { Telescope } from "./telescope.ts";
