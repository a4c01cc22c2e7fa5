// Orders from the page: to the launcher that has the service, and the answer in words.
import { z } from "zod";
import { describeSilence, type OrderResult, type ServiceControlClient } from "../client/index.ts";
import { describeError } from "../common/errors.ts";
import type { Order } from "./told.ts";

const OrderSchema = z.object({
  verb: z.enum(["start", "stop", "restart"]),
  id: z.string().min(1).max(512),
  reason: z.string().trim().max(500).optional(),
}) satisfies z.ZodType<Order>;

/** A request's body is a few words. */
export const LARGEST_ORDER = 4_096;

export interface OrderAnswer {
  /** Of HTTP. */
  status: number;
  text: string;
}

/**
 * Never rejects.
 * @param client follows the fleet
 * @param by who gives it: `dashboard/ann@vm`
 */
export async function obey(client: ServiceControlClient, by: string, body: unknown): Promise<OrderAnswer> {
  const order = OrderSchema.safeParse(body);
  if (!order.success) return { status: 400, text: "no order: expected verb (start, stop or restart), id, reason" };
  const { verb, id, reason } = order.data;
  try {
    // Its words may mean more than one; the page means what it shows.
    const info = client.getCurrentService(id);
    if (info?.kind !== "service") return { status: 404, text: `${id}: no such service` };
    const results = await client[verb](id, { by, reason: reason === "" ? undefined : reason });
    const failed = results.find(({ ok }) => !ok) ?? (results.length === 0 ? NOBODY : undefined);
    if (failed) return { status: 502, text: `${id}: ${failed.error ?? "not done"}` };
    return { status: 200, text: `${id}: ${wordsOf(results)}` };
  } catch (error) {
    return { status: 502, text: `${id}: ${describeError(error)}` };
  }
}

const NOBODY = { error: describeSilence(undefined) };

function wordsOf(results: readonly OrderResult[]): string {
  const words = results.map(({ reply }) => String(reply?.result ?? "done").replaceAll("_", " "));
  return [...new Set(words)].join(", ");
}
