// What can be wrong with a service as it is written, and with one under test.
import { TcsError } from "../common/errors.ts";

/**
 * A service class that cannot work as it is written.
 * @cause A service's file has no service class in it, several, or one that cannot work as it is written.
 * @remedy Correct the file as the line says; "tcs new service NAME" writes one that is right.
 * @example /home/ann/empty.ts has no service in it
 */
export class ServiceDefinitionError extends TcsError {
  override readonly code = "E_SERVICE_DEFINITION";
}

/**
 * The service under test did not do what the test waits for, or has failed.
 * @cause A service under test did not log, or not become, what the test waits for, or has failed.
 * @remedy Read what it logged, which stands behind; give the test more time where that is the reason.
 * @example 1000 ms went by without logging "tick"; it logged nothing
 */
export class ServiceTestError extends TcsError {
  override readonly code = "E_SERVICE_TEST";
}
