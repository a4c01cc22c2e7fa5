// The name a service's field has in the environment.

/** The environment variable of a field: `examples.basic` and `maxErrors` make `EXAMPLES_BASIC_MAX_ERRORS`. */
export function environmentName(type: string, field: string): string {
  return `${environmentPrefix(type)}${upper(field)}`;
}

/** What the variables of a type's fields begin with: `EXAMPLES_BASIC_`. */
export function environmentPrefix(type: string): string {
  return `${upper(type)}_`;
}

/** Few types and fields, asked for by every service. */
const known = new Map<string, string>();
const MOST_KNOWN = 5000;

function upper(text: string): string {
  const before = known.get(text);
  if (before !== undefined) return before;
  const name = text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, name);
  return name;
}
