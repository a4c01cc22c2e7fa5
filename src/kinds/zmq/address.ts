// Addresses of ZeroMQ in the configuration: which of the two sides is to bind, and which to connect.
import { AddressError } from "../errors.ts";
import type { Side } from "../transport.ts";

export interface SidedAddress {
  side: Side;
  address: string;
}

/** `bind:` or `connect:` before an address says it; `tcp://*:5555` can only be bound; else it is the role that decides. */
export function sidedAddress(text: string, usual: Side): SidedAddress {
  const [, said, address = ""] = /^(?:(bind|connect):)?(.*)$/s.exec(text) ?? [];
  if (!address.startsWith("tcp://")) {
    throw new AddressError(`${JSON.stringify(text)} is no address of ZeroMQ`, {
      hint: "expected tcp://HOST:PORT, as tcp://127.0.0.1:5555, with bind: or connect: before it where that is not plain",
    });
  }
  if (said === "bind" || said === "connect") return { side: said, address };
  return { side: address.startsWith("tcp://*:") ? "bind" : usual, address };
}
