// What can go wrong with a telescope, as errors.
import { TcsError, type TcsErrorOptions } from "../common/errors.ts";

/**
 * Something asked of an observatory has failed; `address` is what was asked, as `zb08.mount.azimuth`.
 * @cause Something asked of an observatory has failed; the message begins with what was asked.
 * @remedy Read on in the message; the errors below it in this list are its kinds.
 * @example "zb08..mount": it cannot be asked: a part of it is wrong, it has an empty part
 */
export class ObservatoryError extends TcsError {
  override readonly code: string = "E_OBSERVATORY";
  readonly address: string;

  constructor(address: string, message: string, options: TcsErrorOptions = {}) {
    super(`${address}: ${message}`, options);
    this.address = address;
  }
}

/**
 * No answer: nobody listens, or the bridge or the telescope was silent. What was asked for may still happen.
 * @cause The observatory's bridge or the telescope did not answer; what was asked for may still happen.
 * @remedy Look whether it was done; make sure that the bridge runs and that the address is right.
 * @example zb08.mount.azimuth: no answer within 5 s
 */
export class NoAnswerError extends ObservatoryError {
  override readonly code = "E_NO_ANSWER";
  /** Nobody listens at all: so nothing has happened. */
  readonly isNobody: boolean;

  constructor(
    address: string,
    message: string,
    { isNobody = false, ...options }: TcsErrorOptions & { isNobody?: boolean } = {},
  ) {
    super(address, message, options);
    this.isNobody = isNobody;
  }
}

/**
 * The telescope has no such component, or the component no such command. Asking again is of no use.
 * @cause The telescope has no component of this name, or the component no such command.
 * @remedy Compare the name with the observatory's configuration.
 * @example zb08.mont: there is no such component or command
 */
export class UnknownComponentError extends ObservatoryError {
  override readonly code = "E_UNKNOWN_COMPONENT";
}

/**
 * The bridge or the telescope said no.
 * @cause The bridge or the telescope has said no.
 * @remedy Read its reason: access, a safety cut-off, or a state in which the command is not allowed.
 * @example zb08.dome.open: refused: the safety cut-off is engaged (1004)
 */
export class RefusedError extends ObservatoryError {
  override readonly code = "E_REFUSED";
  /** The bridge's word for it, as `access_denied`, `safety_cutoff`, `server_error`. */
  readonly reason: string;
  /** The number that OCABox gave, as 1004. */
  readonly number: number | undefined;

  constructor(address: string, message: string, why: { reason: string; number: number | undefined }) {
    super(address, message);
    this.reason = why.reason;
    this.number = why.number;
  }
}

/**
 * The answer is there, but it is not what such a question is answered with.
 * @cause The answer of the bridge is not of the form that such a question is answered with.
 * @remedy Make sure that bridge and program are of versions that go together.
 * @example zb08.mount.azimuth: unexpected result "n/a" (expected number)
 */
export class BadReplyError extends ObservatoryError {
  override readonly code = "E_BAD_REPLY";
}

/**
 * There is no observatory configuration on the subject that it is to be read from.
 * @cause There is no observatory configuration on the subject that it is to be read from.
 * @remedy Publish it there, or name the subject where it is.
 * @example tic.config.observatory: no configuration there
 */
export class NoObservatoryConfigError extends ObservatoryError {
  override readonly code = "E_NO_OBSERVATORY_CONFIG";
}
