// `--set service.key=value`: which rows it is for, and what it changes there.
import { nearest } from "../common/nearest.ts";
import { type ConfigIssue, didYouMean } from "./errors.ts";
import { typedValue } from "./expand.ts";
import { plainSource, type ScalarNode, scalar } from "./source-tree.ts";
import { ROW_KEYS } from "./types.ts";

/** What the command line sets in one row. */
export interface RowOverrides {
  /** Framework settings (`restart`, `log_level` …). */
  settings: ReadonlyMap<string, ScalarNode>;
  /** The service's own fields, as text. */
  fields: Record<string, string>;
}

/** Who may be addressed. */
export interface Addressee {
  id: string;
  type: string;
}

/** One `--set`. */
export interface SetValue {
  /** As typed: `hello_world.main.interval=2`. */
  text: string;
  /** The id or the type it is for. */
  owner: string;
  key: string;
  value: string;
}

/** Keys that say which row it is; they cannot be set from outside. */
const IDENTITY: readonly string[] = ["type", "variant", "instance_context", "instance", "module", "command"];

/** All `--set` options of a command. */
export class Overrides {
  /** Texts that are no setting, and those for services that are not there. */
  readonly issues: ConfigIssue[] = [];
  readonly #settings: SetValue[] = [];

  /** @param rows all rows that may be addressed, by id or (all of a kind) by type */
  constructor(sets: readonly string[], rows: readonly Addressee[]) {
    // The longest name that fits is meant: `hello_world.dev.x` is the x of hello_world.dev, not the dev.x of hello_world.
    const owners = new Set(rows.flatMap(({ id, type }) => [id, type]));
    const byLength = [...owners].sort((a, b) => b.length - a.length);
    for (const text of sets) {
      const equals = text.indexOf("=");
      const target = text.slice(0, equals).trim();
      const owner = byLength.find((name) => target.startsWith(`${name}.`) && target.length > name.length + 1);
      if (equals < 1) {
        this.#report(text, JSON.stringify(text), "service.key=value");
      } else if (owner === undefined) {
        const ids = rows.map(({ id }) => id);
        const near = nearest(target.slice(0, target.lastIndexOf(".")), ids);
        this.#report(text, JSON.stringify(target), `service.key, for one of ${ids.join(", ")}`, didYouMean(near));
      } else {
        this.#settings.push({ text, owner, key: target.slice(owner.length + 1), value: text.slice(equals + 1) });
      }
    }
    for (const { text, key } of this.#settings.filter(({ key }) => IDENTITY.includes(key))) {
      this.#report(text, `${key}, which says what the row is`, "a setting or a field of the service");
    }
  }

  /** What is set for one row; what names the row by its id wins over what names its type. */
  forRow({ id, type }: Addressee): RowOverrides {
    const settings = new Map<string, ScalarNode>();
    const fields: Record<string, string> = {};
    if (this.#settings.length === 0) return { settings, fields };
    const mine = [type, id].flatMap((owner) => this.#settings.filter((setting) => setting.owner === owner));
    for (const { text, key, value } of mine) {
      if (IDENTITY.includes(key)) continue;
      if ((ROW_KEYS as readonly string[]).includes(key)) {
        settings.set(key, scalar(typedValue(value), value, plainSource(`--set ${text}`), 0));
      } else {
        fields[key] = value;
      }
    }
    return { settings, fields };
  }

  /** Each of them for one row by itself, the strongest first. */
  allFor({ id, type }: Addressee): readonly SetValue[] {
    const mine = [type, id].flatMap((owner) => this.#settings.filter((setting) => setting.owner === owner));
    return mine.filter(({ key }) => !IDENTITY.includes(key)).toReversed();
  }

  #report(text: string, given: string, expected: string, hint?: string): void {
    this.issues.push({ file: `--set ${text}`, line: 0, column: 0, key: "", given, expected, ...(hint && { hint }) });
  }
}
