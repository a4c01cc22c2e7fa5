// `${VAR}` and `${VAR:-default}` in values; `$${` stands for a literal `${`.

export type Env = Readonly<Record<string, string | undefined>>;

export type Expansion =
  | { ok: true; text: string /** The whole text was one variable. */; single: boolean }
  | { ok: false; given: string; expected: string };

/** Variables in the default of a variable, in the default of a variable…: far beyond any configuration. */
const DEPTH_LIMIT = 10;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * Replaces the variables in `text`. As in a shell, the default of `${VAR:-default}` counts when the variable is unset or empty;
 * a default may hold variables itself.
 */
export function expandText(text: string, env: Env, depth = 0): Expansion {
  if (depth > DEPTH_LIMIT) return tooDeep(text);
  let result = "";
  let single = false;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf("${", at);
    if (next < 0) {
      result += text.slice(at);
      break;
    }
    if (text[next - 1] === "$" && next > at) {
      result += `${text.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    const end = closingBrace(text, next + 2);
    const variable = text.slice(next, end + 1);
    const value = end < 0 ? malformed(text.slice(next)) : expandVariable(variable, env, depth);
    if (!value.ok) return value;
    result += text.slice(at, next) + value.text;
    single = variable.length === text.length;
    at = end + 1;
  }
  return { ok: true, text: result, single };
}

/** Names of the variables in `text`. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(/(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = ""]) => name);
}

/** The number or boolean that `text` looks like, else `text`. Numbers that would lose digits stay text (ids, keys, leading zeros). */
export function typedValue(text: string): string | number | boolean {
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(text)) return text;
  const value = Number(text);
  const digits = text
    .replace(/^-/, "")
    .replace(/[eE].*$/, "")
    .replace(".", "");
  return Number.isFinite(value) && digits.length <= 15 ? value : text;
}

function expandVariable(variable: string, env: Env, depth: number): Expansion {
  const inner = variable.slice(2, -1);
  const name = NAME.exec(inner)?.[0];
  if (name === undefined) return malformed(variable);
  const rest = inner.slice(name.length);
  const value = env[name];
  if (rest.startsWith(":-")) {
    return value ? { ok: true, text: value, single: true } : expandText(rest.slice(2), env, depth + 1);
  }
  if (rest !== "") return malformed(variable);
  if (value !== undefined) return { ok: true, text: value, single: true };
  return {
    ok: false,
    given: `${variable}, which is not set`,
    expected: `${name} in the environment or in .env, or a default as in \${${name}:-value}`,
  };
}

function tooDeep(text: string): Expansion {
  const given = `${JSON.stringify(text.slice(0, 40))} in defaults of defaults`;
  return { ok: false, given, expected: `variables in defaults at most ${DEPTH_LIMIT} deep` };
}

function malformed(variable: string): Expansion {
  return {
    ok: false,
    given: JSON.stringify(variable.slice(0, 40)),
    expected: `\${NAME} or \${NAME:-default}, or $\${ for the characters \${ themselves`,
  };
}

/** Index of the brace that closes the one before `from`, inner variables skipped; -1 if there is none. */
function closingBrace(text: string, from: number): number {
  for (let at = from, depth = 1; at < text.length; at++) {
    if (text[at] === "}" && --depth === 0) return at;
    if (text[at] === "$" && text[at + 1] === "{") depth++;
  }
  return -1;
}
