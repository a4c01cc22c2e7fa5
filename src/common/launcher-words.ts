// How launchers are called where people read.

/** `launcher.<6 characters>.<host>-<kind>-launcher`, with or without the `launcher.` of its monitor's name. */
const LAUNCHER = /^(?:launcher\.)?launcher\.([^.]+)\.(.+)-([^-.]+)-launcher$/;

/** A launcher's name as `launcher 7UZhAz on vm (worker)`; undefined when it is no name of a launcher. */
export function launcherWords(name: string): string | undefined {
  const [, hash, host, kind] = LAUNCHER.exec(name) ?? [];
  return hash === undefined ? undefined : `launcher ${hash} on ${host} (${kind})`;
}
