// Who may see the dashboard, and who may give orders.
import { createHash, timingSafeEqual } from "node:crypto";

export interface AccessOptions {
  /** Address it listens on. */
  hostname: string;
  /** Needed for orders always, and to see anything where others than this host can reach it. */
  token: string;
  readOnly: boolean;
}

/** Why a request is refused. */
export interface Refusal {
  status: 401 | 403 | 421;
  text: string;
}

export class Access {
  readonly #options: AccessOptions;
  readonly #isLocal: boolean;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#isLocal = isLoopback(options.hostname);
  }

  /** Before anything is answered. @returns undefined when it may pass */
  refuse({ headers }: Request): Refusal | undefined {
    const host = headers.get("host") ?? "";
    // A page of somebody else may have made its own name point here (DNS rebinding). Where others can reach this, its
    // names are not known here; there the token is asked for, which a browser keeps from pages of other names.
    if (this.#isLocal && !isLoopback(hostnameOf(`http://${host}`) ?? "")) {
      return { status: 421, text: `this dashboard is for ${this.#options.hostname} only` };
    }
    const origin = headers.get("origin");
    // Browsers always tell it of a WebSocket and of a POST; programs need not.
    if (origin !== null && hostOf(origin) !== host.toLowerCase()) {
      return { status: 403, text: "only the dashboard's own page may ask that" };
    }
    return undefined;
  }

  maySee(token: string | undefined): boolean {
    return this.#isLocal || this.#isToken(token);
  }

  mayOrder(token: string | undefined): boolean {
    return !this.#options.readOnly && this.#isToken(token);
  }

  /** Of an order, with its token in `Authorization: Bearer`. @returns undefined when it may pass */
  refuseOrder({ headers }: Request): Refusal | undefined {
    if (this.#options.readOnly) return { status: 403, text: "this dashboard is read-only" };
    const [scheme, token] = (headers.get("authorization") ?? "").split(" ");
    if (scheme === "Bearer" && this.#isToken(token)) return undefined;
    return { status: 401, text: "orders need the dashboard's token" };
  }

  #isToken(given: string | undefined): boolean {
    // Of equal length whatever is given, so that the time it takes tells nothing.
    return timingSafeEqual(digest(given ?? ""), digest(this.#options.token));
  }
}

/** Whether only this host can reach that address. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** With its port. Its scheme does not count: a proxy may speak https for us. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
