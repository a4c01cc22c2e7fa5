// Why an embedded broker did not start.
import { TcsError, type TcsErrorOptions } from "../common/errors.ts";

/**
 * - `port-taken`: something listens on the port already
 * - `store-in-use`: another nats-server works on the same data folder
 * - `failed`: anything else; the message holds nats-server's own last words
 */
export type BrokerStartFault = "port-taken" | "store-in-use" | "failed";

/**
 * The embedded nats-server did not come up.
 * @cause The nats-server that tcs brings along did not come up: its port or its data folder is in use, or it
 *   refused to work.
 * @remedy Free the port or name another broker with --host; what nats-server itself said is in
 *   broker/nats-server.log of the state folder.
 * @example another broker is using the data folder /home/ann/.local/state/tcs/broker
 */
export class BrokerStartError extends TcsError {
  override readonly code: string = "E_BROKER_START";
  readonly fault: BrokerStartFault;

  constructor(fault: BrokerStartFault, message: string, options: TcsErrorOptions = {}) {
    super(message, options);
    this.fault = fault;
  }
}
