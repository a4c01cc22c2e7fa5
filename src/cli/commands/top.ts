// tcs top: the fleet, full-screen and live.
import { UsageError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { fleetArgs } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { findBroker } from "../fleet-access.ts";
import { runTop } from "../top/app.ts";
import { SORTS, type Sort } from "../top/state.ts";

export default defineCommand({
  meta: { name: "top", description: "Show the fleet full-screen and live; restart, stop, start, read logs by a key" },
  examples: [
    ["tcs top", "the fleet"],
    ["tcs top camera", "services whose id contains a word"],
    ["tcs top --sort status", "the worst first"],
  ],
  args: {
    word: { type: "positional", required: false, description: "Only services whose id contains this word" },
    all: { type: "boolean", alias: "a", description: "Also what is stopped, removed or old" },
    sort: { type: "string", description: `Order at first: ${SORTS.join(", ")} (tree)`, valueHint: "ORDER" },
    ...fleetArgs,
  },
  async run({ args }): Promise<never> {
    const sort = parseSort(args.sort);
    assertTerminal();
    void natsClient();
    const options = { sort, all: args.all === true, filter: args.word ?? "" };
    // At once: nothing is under way that would be lost, and the terminal keeps a program going.
    process.exit(await runTop(await findBroker(args), options));
  },
});

function parseSort(text: string | undefined): Sort {
  const sort = SORTS.find((name) => name === (text ?? "tree"));
  if (sort) return sort;
  const near = nearest(text ?? "", SORTS);
  throw new UsageError(
    `tcs top: --sort: given "${text}", expected one of ${SORTS.join(", ")}`,
    near ? { hint: `did you mean ${near}?` } : {},
  );
}

/** @throws UsageError where nothing can be placed on a screen */
function assertTerminal(): void {
  const why = !process.stdout.isTTY
    ? "the output is no terminal"
    : !process.stdin.isTTY
      ? "the input is no terminal"
      : process.env.TERM === "dumb" || !process.env.TERM
        ? `this terminal (TERM=${process.env.TERM ?? ""}) cannot place text`
        : undefined;
  if (why !== undefined) throw new UsageError(`tcs top: ${why}`, { hint: 'use "tcs status --watch"' });
}
