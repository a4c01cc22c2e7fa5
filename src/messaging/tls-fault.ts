// What went wrong with TLS, in words.
import { describeError } from "../common/errors.ts";
import type { NatsSettings } from "../config/types.ts";

export interface TlsFault {
  /** One short phrase. */
  why: string;
  hint: string;
}

/** What an error with this `code` means; undefined when it is not of TLS. */
export function tlsFault(
  code: string,
  cause: unknown,
  { servers, tls }: Pick<NatsSettings, "servers" | "tls">,
): TlsFault | undefined {
  const hosts = servers.map((server) => (URL.canParse(server) ? new URL(server).hostname : server)).join(", ");
  switch (code) {
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return tls?.ca === undefined
        ? fault(
            "its TLS certificate is not signed by anybody this system trusts",
            "if you trust it, name the certificate of its signer: nats.tls.ca or NATS_CA",
          )
        : fault(
            `its TLS certificate is not signed by ${tls.ca}`,
            "is that the right file (nats.tls.ca or NATS_CA), and the right broker?",
          );
    case "CERT_HAS_EXPIRED":
      return fault(
        "its TLS certificate has expired",
        "whoever runs the broker must renew it; is this host's clock right?",
      );
    case "CERT_NOT_YET_VALID":
      return fault("its TLS certificate is not valid yet", "is this host's clock right?");
    case "CERT_REVOKED":
      return fault("its TLS certificate has been revoked", "whoever runs the broker must renew it");
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return fault(
        `its TLS certificate is for another name than ${hosts}`,
        "use a name that stands in the certificate (its subjectAltName), or have it made for this one",
      );
    case "SERVER_OPT_NA":
      return fault(
        "TLS is demanded here, and this broker offers none",
        "take away nats.tls (NATS_CA, tls://), or give the broker a tls part",
      );
    case "TLS":
      return ownFiles(cause);
    default:
      return brokenOff(code, tls);
  }
}

/** Our own certificate, key or CA. The client's error has the reason behind it. */
function ownFiles(cause: unknown): TlsFault {
  const reason: unknown = cause instanceof Error ? Reflect.get(cause, "chainedError") : undefined;
  if (reason instanceof Error && String(Reflect.get(reason, "code")).endsWith("KEY_VALUES_MISMATCH")) {
    return fault("nats.tls.key is not the key of nats.tls.cert", "name the two that belong together");
  }
  return fault(
    `the TLS files of this side cannot be used: ${describeError(reason ?? cause)}`,
    "check nats.tls: ca, cert and key are PEM files (NATS_CA, NATS_CERT, NATS_KEY)",
  );
}

/** The broker says why only in its own log. */
function brokenOff(code: string, tls: NatsSettings["tls"]): TlsFault | undefined {
  if (!tls || !["EBADF", "ECONNRESET", "EPIPE", "CONNECTION_CLOSED"].includes(code)) return undefined;
  return tls.cert === undefined
    ? fault(
        "it broke the connection off during TLS: it may want a certificate of ours",
        "give one: nats.tls.cert and nats.tls.key (NATS_CERT, NATS_KEY)",
      )
    : fault(
        "it broke the connection off during TLS: it may not trust our certificate",
        "check nats.tls.cert; the broker's log says why",
      );
}

function fault(why: string, hint: string): TlsFault {
  return { why, hint };
}
