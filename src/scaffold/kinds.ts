// The kinds of service that can be made: one row per base class. A new kind is a row here and a template.
import blocking from "../../generators/templates/blocking.ts.hbs" with { type: "text" };
import lifecycle from "../../generators/templates/lifecycle.ts.hbs" with { type: "text" };
import permanent from "../../generators/templates/permanent.ts.hbs" with { type: "text" };
import singleShot from "../../generators/templates/single-shot.ts.hbs" with { type: "text" };
import { UsageError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";
import { MESSAGING_KINDS } from "./messaging-kinds.ts";
import type { ServiceKind } from "./service-kind.ts";

export const SERVICE_KINDS = {
  blocking: {
    base: "BaseBlockingPermanentService",
    description: "a main loop that runs until it is stopped (right for most services)",
    template: blocking,
    field: { name: "interval", value: 5, integer: false, description: "seconds between two rounds of the loop" },
    trial: { value: 0.01, ends: false },
    message: "all is well",
  },
  permanent: {
    base: "BasePermanentService",
    description: "starts its own timers or tasks, and ends them when stopped",
    template: permanent,
    field: { name: "interval", value: 5, integer: false, description: "seconds between two ticks" },
    trial: { value: 0.01, ends: false },
    message: "all is well",
  },
  "single-shot": {
    base: "BaseSingleShotService",
    description: "does one thing, and ends",
    template: singleShot,
    field: { name: "steps", value: 3, integer: true, description: "steps to take" },
    trial: { value: 1, ends: true },
    message: "one more done",
  },
  lifecycle: {
    base: "LifecycleService",
    description: "start, run and stop, to be extended by classes of classes",
    template: lifecycle,
    field: { name: "interval", value: 5, integer: false, description: "seconds between two messages" },
    trial: { value: 0.01, ends: false },
    message: "all is well",
  },
  ...MESSAGING_KINDS,
} as const satisfies Record<string, ServiceKind>;

export type ServiceKindName = keyof typeof SERVICE_KINDS;
export const DEFAULT_KIND: ServiceKindName = "blocking";
export const KIND_NAMES = Object.keys(SERVICE_KINDS).filter(isKind);

/** The kind called `text`. @throws UsageError naming the kinds there are */
export function parseKind(text: string): ServiceKindName {
  if (isKind(text)) return text;
  const near = nearest(text, KIND_NAMES);
  throw new UsageError(`unknown kind ${JSON.stringify(text)}: expected ${KIND_NAMES.join(", ")}`, {
    ...(near ? { hint: `did you mean ${near}?` } : {}),
  });
}

/** The value of a kind's number field, from what a user typed. @throws UsageError */
export function parseFieldValue(kind: ServiceKindName, text: string): number {
  const { name, value: example, integer } = SERVICE_KINDS[kind].field;
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && (integer ? Number.isSafeInteger(value) : Number.isFinite(value))) return value;
  const expected = integer ? "a whole number above zero" : "a number above zero";
  throw new UsageError(`${name}: expected ${expected}, as ${example}, got ${JSON.stringify(text)}`);
}

function isKind(text: string): text is ServiceKindName {
  return Object.hasOwn(SERVICE_KINDS, text);
}
