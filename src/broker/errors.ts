// Why an embedded broker did not start.
import { TcsError, type TcsErrorOptions } from "../common/errors.ts";

/**
 * - `port-taken`: something listens on the port already
 * - `store-in-use`: another nats-server works on the same data folder
 * - `failed`: anything else; the message holds nats-server's own last words
 */
export type BrokerStartFault = "port-taken" | "store-in-use" | "failed";

/** The embedded nats-server did not come up. */
export class BrokerStartError extends TcsError {
  override readonly code: string = "E_BROKER_START";
  readonly fault: BrokerStartFault;

  constructor(fault: BrokerStartFault, message: string, options: TcsErrorOptions = {}) {
    super(message, options);
    this.fault = fault;
  }
}
