// What a terminal sends for keys, as names.

/**
 * `up`, `enter`, `ctrl-c`, `escape` and the like; a printable character stands for itself. `paste` and a blank stand
 * before text that was pasted: it is no orders.
 */
export type Key = string;

/** What was pasted, if that is what the key is. */
export function pastedText(key: Key): string | undefined {
  return key.startsWith(PASTE) ? key.slice(PASTE.length) : undefined;
}

const PASTE = "paste ";
const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";

/** As terminals send them after ESC, with and without application mode. */
const SEQUENCES: Readonly<Record<string, Key>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  "[H": "home",
  "[F": "end",
  OH: "home",
  OF: "end",
  "[1~": "home",
  "[7~": "home",
  "[4~": "end",
  "[8~": "end",
  "[5~": "pageup",
  "[6~": "pagedown",
  "[3~": "delete",
};

const CONTROLS: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\u007f": "backspace",
  "\u001b": "escape",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what terminals send
const SEQUENCE = /^\u001b(\[[0-?]*[ -/]*[@-~]|O[ -~])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same, of which the end is still to come
const BEGUN = /^\u001b(\[[0-?]*[ -/]*|O)?$/;

/**
 * Takes text that came from a terminal apart.
 * @param isWhole nothing more belongs to it: what looks like the beginning of a sequence is the Escape key
 * @returns `rest`: a sequence of which the end has not come yet, to be put before what comes
 */
export function parseKeys(text: string, isWhole: boolean): { keys: Key[]; rest: string } {
  const keys: Key[] = [];
  let rest = text;
  while (rest !== "") {
    if (rest.startsWith(PASTE_BEGIN)) {
      const end = rest.indexOf(PASTE_END);
      // However long it takes to come: half of it must not be taken for keys.
      if (end < 0) break;
      keys.push(PASTE + rest.slice(PASTE_BEGIN.length, end));
      rest = rest.slice(end + PASTE_END.length);
      continue;
    }
    const [sequence, code = ""] = SEQUENCE.exec(rest) ?? [];
    if (sequence !== undefined) {
      rest = rest.slice(sequence.length);
      const key = SEQUENCES[code];
      // Function keys and the mouse mean nothing here.
      if (key !== undefined) keys.push(key);
      continue;
    }
    if (!isWhole && BEGUN.test(rest)) break;
    const [char = ""] = rest;
    rest = rest.slice(char.length);
    const key = CONTROLS[char] ?? controlOf(char);
    if (key !== undefined) keys.push(key);
  }
  return { keys, rest };
}

function controlOf(char: string): Key | undefined {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 32) return char;
  return code > 0 && code < 27 ? `ctrl-${String.fromCharCode(code + 96)}` : undefined;
}
