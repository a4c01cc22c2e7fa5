// What the configuration says of addresses, checked before anything runs: they depend on the transport, and on each other.

import type { z } from "zod";
import type { ConfigCheck, ConfigFault } from "../service/config-check.ts";
import { parseBindAddress, parseConnectAddress } from "../zmtp/address.ts";
import type { ControllerServiceConfig } from "./config.ts";
import type { End } from "./host.ts";
import { checkSubject } from "./nats/subject.ts";
import type { Side } from "./transport.ts";
import { sidedAddress } from "./zmq/address.ts";

/** The ways in and out that a class has, and which side of an address of ZeroMQ each is if that does not say it. */
export type Ends = Partial<Record<End["name"], Side>>;
type Fields = z.output<typeof ControllerServiceConfig>;

const SUBJECT = "a subject of NATS, as tasks.dome";
const ADDRESS = "an address of ZeroMQ, as tcp://127.0.0.1:5555";

/** The check of a class with these ways in and out. */
export function addressCheck(ends: Ends): ConfigCheck {
  return (config) => {
    // Each class has those of these fields that belong to its ends.
    const fields = config as Partial<Fields>;
    const names = (["pub", "sub", "push", "pull"] as const).filter((name) => ends[name]);
    return [...names.flatMap((name) => faultsOf(fields, name, ends[name] ?? "connect")), ...circles(fields)];
  };
}

function faultsOf(fields: Partial<Fields>, name: End["name"], side: Side): ConfigFault[] {
  const { transport = "nats" } = fields;
  const field = `${name}_address` as const;
  const given = fields[field];
  const isQueue = name === "push" || name === "pull";
  if (given === undefined) {
    // Topics may also be told in the code: then it is seen at the start.
    const isNeeded = isQueue || (transport === "zmq" && (name === "pub" || (fields.topics ?? []).length > 0));
    return isNeeded ? [{ path: [field], expected: transport === "zmq" ? ADDRESS : SUBJECT }] : [];
  }
  if (isQueue && transport === "nats" && typeof given !== "string" && given.length > 1) {
    return [{ path: [field], expected: `one subject, not ${given.length}` }];
  }
  const texts = typeof given === "string" ? [given] : given;
  return texts.flatMap((text, at) => {
    const fault = transport === "zmq" ? addressFault(text, side) : subjectFault(text);
    return fault === undefined ? [] : [{ path: typeof given === "string" ? [field] : [field, at], expected: fault }];
  });
}

/** Tasks that would come back for ever. */
function circles({
  transport,
  push_address: push,
  pull_address: pull,
  dead_letter: dead,
}: Partial<Fields>): ConfigFault[] {
  const queue = String(pull);
  if (transport === "zmq" || pull === undefined) return [];
  return [
    ...(String(push) === queue ? [{ path: ["push_address"], expected: "another subject than pull_address" }] : []),
    ...(dead === queue ? [{ path: ["dead_letter"], expected: "another subject than pull_address" }] : []),
  ];
}

function subjectFault(text: string): string | undefined {
  if (text.includes("://")) return `${SUBJECT} ("transport: zmq" is for ZeroMQ)`;
  return throws(() => checkSubject(text)) ? SUBJECT : undefined;
}

function addressFault(text: string, usual: Side): string | undefined {
  const isWrong = throws(() => {
    const { side, address } = sidedAddress(text, usual);
    if (side === "bind") parseBindAddress(address);
    else parseConnectAddress(address);
  });
  return isWrong ? ADDRESS : undefined;
}

function throws(check: () => void): boolean {
  try {
    check();
    return false;
  } catch {
    // Why is said by what is expected.
    return true;
  }
}
