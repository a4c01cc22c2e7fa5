// An order that a simulated telescope does not take.

/** `message` says why, with what was given and what was expected. */
export class OrderRefused extends Error {
  override readonly name = "OrderRefused";
}
