// What can be wrong with a service as it is written, and with one under test.
import { TcsError } from "../common/errors.ts";

/** A service class that cannot work as it is written. */
export class ServiceDefinitionError extends TcsError {
  override readonly code = "E_SERVICE_DEFINITION";
}

/** The service under test did not do what the test waits for, or has failed. */
export class ServiceTestError extends TcsError {
  override readonly code = "E_SERVICE_TEST";
}
