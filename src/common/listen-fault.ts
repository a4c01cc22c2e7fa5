// Why nothing can listen at an address, in words of an operator.
import { describeError } from "./errors.ts";

export interface ListenFault {
  why: string;
  hint: string;
}

/** @param cause what the system said when it was asked to listen */
export function listenFault(cause: unknown): ListenFault {
  switch (cause instanceof Error && "code" in cause ? cause.code : undefined) {
    case "EADDRINUSE":
      return { why: "another program has this port", hint: "choose another port with --port" };
    case "EACCES":
      return { why: "ports below 1024 are for root", hint: "choose another port with --port" };
    case "EADDRNOTAVAIL":
      return { why: "this host has no such address", hint: OWN_ADDRESS };
    case "ENOTFOUND":
      return { why: "no such address", hint: OWN_ADDRESS };
    default:
      return { why: describeError(cause), hint: "choose another address with --listen and --port" };
  }
}

const OWN_ADDRESS = "--listen takes an address of this host, or 0.0.0.0 for all";
