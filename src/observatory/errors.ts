// What can go wrong with a telescope, as errors.
import { TcsError, type TcsErrorOptions } from "../common/errors.ts";

/** Something asked of an observatory has failed; `address` is what was asked, as `zb08.mount.azimuth`. */
export class ObservatoryError extends TcsError {
  override readonly code: string = "E_OBSERVATORY";
  readonly address: string;

  constructor(address: string, message: string, options: TcsErrorOptions = {}) {
    super(`${address}: ${message}`, options);
    this.address = address;
  }
}

/** No answer: nobody listens, or the bridge or the telescope was silent. What was asked for may still happen. */
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

/** The telescope has no such component, or the component no such command. Asking again is of no use. */
export class UnknownComponentError extends ObservatoryError {
  override readonly code = "E_UNKNOWN_COMPONENT";
}

/** The bridge or the telescope said no. */
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

/** The answer is there, but it is not what such a question is answered with. */
export class BadReplyError extends ObservatoryError {
  override readonly code = "E_BAD_REPLY";
}

/** There is no observatory configuration on the subject that it is to be read from. */
export class NoObservatoryConfigError extends ObservatoryError {
  override readonly code = "E_NO_OBSERVATORY_CONFIG";
}
