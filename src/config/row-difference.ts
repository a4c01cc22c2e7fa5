// What differs between two things of the same kind, by the names of their properties.

/** Names of the properties that are not the same in both. */
export function differing(before: object, after: object): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !Bun.deepEquals(Reflect.get(before, name), Reflect.get(after, name), true));
}

/** The field that a path in `texts` is of: `limits` of `limits.max`. */
export function fieldOf(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}
