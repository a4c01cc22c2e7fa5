// The first 64 bytes of each side: that it speaks ZMTP, which version, which mechanism.
import { NotZmtpError, ZmtpHandshakeError } from "./errors.ts";

const GREETING_BYTES = 64;
const SIGNATURE_END = 0x7f;
const VERSION_AT = 10;
const MECHANISM_AT = 12;
const MECHANISM_BYTES = 20;
/** How much of what a stranger said is shown. */
const SHOWN = 24;

/** Ours: version 3.0, the mechanism NULL, which authenticates nobody. */
export function greeting(): Buffer {
  const bytes = Buffer.alloc(GREETING_BYTES);
  bytes[0] = 0xff;
  bytes[9] = SIGNATURE_END;
  bytes[VERSION_AT] = 3;
  bytes.write("NULL", MECHANISM_AT, "latin1");
  return bytes;
}

/** Reads the peer's greeting as it comes, and refuses it as soon as it cannot be one. */
export class GreetingReader {
  readonly #bytes = Buffer.alloc(GREETING_BYTES);
  #filled = 0;

  /** How far the peer has come. */
  get filled(): number {
    return this.#filled;
  }

  /**
   * @returns what follows the greeting once it is complete
   * @throws NotZmtpError, ZmtpHandshakeError
   */
  push(chunk: Buffer): Buffer | undefined {
    const taken = Math.min(chunk.length, GREETING_BYTES - this.#filled);
    chunk.copy(this.#bytes, this.#filled, 0, taken);
    this.#filled += taken;
    this.#check();
    return this.#filled === GREETING_BYTES ? chunk.subarray(taken) : undefined;
  }

  #check(): void {
    const bytes = this.#bytes;
    if (this.#filled === 0) return;
    // In ZMTP 1.0 the first byte is a size, and the tenth has its lowest bit clear.
    if (bytes[0] !== 0xff || (this.#filled >= 10 && ((bytes[9] ?? 0) & 1) === 0)) {
      throw new NotZmtpError(
        `what is there does not speak ZMTP: it began with ${shown(bytes.subarray(0, this.#filled))}`,
      );
    }
    const major = bytes[VERSION_AT] ?? 0;
    if (this.#filled > VERSION_AT && major < 3) {
      throw new NotZmtpError("the peer speaks an older ZMTP than 3.0", { hint: "ZeroMQ 4 or newer is needed there" });
    }
    if (this.#filled < GREETING_BYTES) return;
    const mechanism = bytes.toString("latin1", MECHANISM_AT, MECHANISM_AT + MECHANISM_BYTES).replace(/\0+$/, "");
    if (mechanism === "NULL") return;
    throw new ZmtpHandshakeError(`the peer wants the mechanism ${JSON.stringify(mechanism)}, expected NULL`, {
      hint: "only sockets without authentication and encryption can be talked to",
    });
  }
}

function shown(bytes: Buffer): string {
  const text = bytes.toString("latin1", 0, SHOWN);
  return /^[\x20-\x7e\r\n\t]+$/.test(text) ? JSON.stringify(text) : `the bytes ${bytes.toString("hex", 0, 10)}`;
}
