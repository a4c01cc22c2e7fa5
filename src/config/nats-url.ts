// Broker addresses as people write them: `host`, `host:port`, `nats://user:password@host:port`, several with commas.

export interface Address {
  host: string;
  port?: number;
  /** `tls://`: never without. */
  tls?: true;
  user?: string;
  password?: string;
  token?: string;
}

export type ParsedAddresses = { ok: true; addresses: Address[] } | { ok: false; expected: string };

/** Reads one or more addresses, separated by commas. */
export function parseAddresses(text: string): ParsedAddresses {
  const addresses: Address[] = [];
  for (const part of text.split(",").map((item) => item.trim())) {
    const scheme = /^([a-z]+):\/\//i.exec(part)?.[1]?.toLowerCase();
    if (scheme === "ws" || scheme === "wss") {
      return { ok: false, expected: `nats://host:port or tls://host:port; ${scheme}:// is not supported` };
    }
    const isTls = scheme === "tls";
    const address = scheme === undefined || scheme === "nats" || isTls ? parseOne(part) : undefined;
    if (!address) {
      const login = part.includes("%") ? "; a % in a name or password is written %25" : "";
      return { ok: false, expected: `host, host:port, nats://host:port or tls://host:port${login}` };
    }
    addresses.push(isTls ? { ...address, tls: true } : address);
  }
  return { ok: true, addresses };
}

export function formatAddress({ host, port, tls }: Address): string {
  return `${tls ? "tls" : "nats"}://${host.includes(":") ? `[${host}]` : host}${port === undefined ? "" : `:${port}`}`;
}

/** An address as it may be shown: without what stands before its @. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^@/,]*@|(?<=^|,)[^@/,]*@/g, (found) => (found.startsWith("//") ? "//…@" : "…@"));
}

function parseOne(text: string): Address | undefined {
  const bare = text.replace(/^(?:nats|tls):\/\//i, "");
  // A bare IPv6 address has no port: its colons are its own.
  if (/^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(bare)) return { host: bare };
  let url: URL;
  let user: string;
  let password: string;
  try {
    // A scheme without a default port, so that every port given is kept.
    url = new URL(`nats://${bare}`);
    [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  } catch {
    // Not a URL, or a % that begins nothing: the caller says what one looks like.
    return undefined;
  }
  const { hostname, port } = url;
  const path = url.pathname.replace(/^\/$/, "") + url.search + url.hash;
  if (hostname === "" || path !== "" || !/^[A-Za-z0-9._\-[\]:%]+$/.test(hostname) || port === "0") return undefined;
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    ...(port !== "" && { port: Number(port) }),
    // NATS reads a URL with one name and no password as a token.
    ...(user !== "" && (password === "" ? { token: user } : { user, password })),
  };
}
