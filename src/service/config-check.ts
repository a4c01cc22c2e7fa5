// What a base class checks of its services' configurations beyond single fields.

/** A static member of a base class with a `ConfigCheck`. Out of sight of authors. */
export const configCheck: unique symbol = Symbol("tcs.configCheck");

export interface ConfigFault {
  /** Where: a field, perhaps a place in its list. */
  path: readonly (string | number)[];
  /** What is expected there. */
  expected: string;
}

/** @param config fits its schema */
export type ConfigCheck = (config: Readonly<Record<string, unknown>>) => readonly ConfigFault[];
