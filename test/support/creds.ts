// An operator, an account and a user with their JWTs, as nsc makes them: for brokers that trust JWTs.
import { nkeys } from "nats";

type KeyPair = ReturnType<typeof nkeys.createUser>;

export interface CredsIssuer {
  /** The part of the broker's configuration that trusts this operator. */
  readonly serverConfig: string;
  /** The text of a creds file. @param exp when it expires, seconds since the epoch */
  creds(claims?: { exp?: number }): string;
}

const NO_LIMIT = { subs: -1, data: -1, payload: -1 };

export function makeCreds(): CredsIssuer {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const user = nkeys.createUser();
  const operatorJwt = sign({ name: "operator", sub: operator.getPublicKey(), nats: { type: "operator" } }, operator);
  const limits = { ...NO_LIMIT, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const accountClaims = { name: "fleet", sub: account.getPublicKey(), nats: { type: "account", limits } };
  const preload = `${account.getPublicKey()}: ${sign(accountClaims, operator)}`;
  return {
    serverConfig: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload { ${preload} }`,
    creds(claims = {}) {
      const jwt = sign(
        { name: "ann", sub: user.getPublicKey(), ...claims, nats: { type: "user", ...NO_LIMIT } },
        account,
      );
      const seed = new TextDecoder().decode(user.getSeed());
      return [
        ...["-----BEGIN NATS USER JWT-----", jwt, "------END NATS USER JWT------", ""],
        ...["-----BEGIN USER NKEY SEED-----", seed, "------END USER NKEY SEED------", ""],
      ].join("\n");
    },
  };
}

function sign({ nats, ...claims }: { nats: object; [claim: string]: unknown }, signer: KeyPair): string {
  const body = { jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000), iss: signer.getPublicKey(), ...claims };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsigned = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ ...body, nats: { version: 2, ...nats } })}`;
  return `${unsigned}.${Buffer.from(signer.sign(new TextEncoder().encode(unsigned))).toString("base64url")}`;
}
