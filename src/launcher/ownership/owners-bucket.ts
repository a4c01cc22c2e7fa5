// The bucket of owners: who runs which service.
import type { NatsConnection } from "nats";
import { Bucket } from "../../messaging/bucket.ts";

/** `<prefix>_owners`, dots as underscores: one for each prefix. */
export function bucketName(prefix: string): string {
  return `${prefix}_owners`.replaceAll(/[^\w-]/g, "_");
}

/** @param connection the present one, or undefined while the broker is away @param limitMs for one answer */
export function ownersBucket(prefix: string, connection: () => NatsConnection | undefined, limitMs: number): Bucket {
  return new Bucket({ name: bucketName(prefix), description: "who runs which service (tcs)", connection, limitMs });
}
