// The fields that service classes have in their configuration. Names as in Experimance; times are seconds.
import { z } from "zod";
import { BaseServiceConfig } from "../config/service-config.ts";
import { HEARTBEAT_INTERVAL_MS } from "../zmtp/experimance.ts";
import { patternFault, topicFault } from "./topics.ts";

const Topic = fitting("a topic, as weather.wind", topicFault);
const Pattern = fitting("a topic, as weather.wind, or a pattern, as weather.*", patternFault);
const Subject = fitting("a subject, as tasks.dome.dead", topicFault);

/** Eleven days: timers cannot be set to much more. */
const Seconds = z.number().max(1_000_000);
/** One address, or several. */
const Addresses = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const common = {
  transport: z.enum(["nats", "zmq"]).default("nats"),
  /** How long a stop waits for what has been begun. */
  finish_sec: Seconds.nonnegative().default(3),
};

const publishing = {
  pub_address: Addresses.optional(),
  /** Default: the service's type (with its variant, unless that is `main`) and `.heartbeat`. */
  heartbeat_topic: Topic.optional(),
  /** 0 for none. */
  heartbeat_interval: Seconds.nonnegative().default(HEARTBEAT_INTERVAL_MS / 1000),
};

const subscribing = {
  sub_address: Addresses.optional(),
  topics: z.array(Pattern).default([]),
};

const queueing = {
  queue: z.enum(["jetstream", "core"]).default("jetstream"),
  /** Tasks that may wait; a push waits beyond. */
  queue_limit: z.int().positive().default(10_000),
};

const pushing = {
  ...queueing,
  push_address: Addresses.optional(),
  /** How long a push may wait. Default: for ever. */
  push_timeout: Seconds.positive().optional(),
};

const pulling = {
  ...queueing,
  pull_address: Addresses.optional(),
  /** Tasks worked on at a time. */
  concurrency: z.int().positive().max(1000).default(1),
  /** A task of whose worker nothing is heard so long comes again. */
  ack_wait: Seconds.min(0.1).default(30),
  /** A task that takes longer has failed. Default: it may take for ever. */
  task_timeout: Seconds.positive().optional(),
  /** How often a task is begun, at most. */
  max_deliver: z.int().positive().default(5),
  /** Pause before a task that has failed comes again; doubled at each failure. */
  retry_sec: Seconds.nonnegative().default(1),
  /** Subject for tasks that have failed for good. Default: `pull_address` with `.dead`. */
  dead_letter: Subject.optional(),
};

export const PublisherServiceConfig = BaseServiceConfig.extend({ ...common, ...publishing });
export const SubscriberServiceConfig = BaseServiceConfig.extend({ ...common, ...subscribing });
export const PushServiceConfig = BaseServiceConfig.extend({ ...common, ...pushing });
export const PullServiceConfig = BaseServiceConfig.extend({ ...common, ...pulling });
export const PublisherSubscriberServiceConfig = BaseServiceConfig.extend({
  ...common,
  ...publishing,
  ...subscribing,
});
export const ControllerServiceConfig = BaseServiceConfig.extend({
  ...common,
  ...publishing,
  ...subscribing,
  ...pushing,
  ...pulling,
});
export const WorkerServiceConfig = BaseServiceConfig.extend({ ...common, ...subscribing, ...pushing, ...pulling });

export const MessagingConfig = BaseServiceConfig.extend(common);

export type CommonFields = z.output<typeof MessagingConfig>;
export type PublishingFields = z.output<typeof PublisherServiceConfig>;
export type SubscribingFields = z.output<typeof SubscriberServiceConfig>;
export type PushingFields = z.output<typeof PushServiceConfig>;
export type PullingFields = z.output<typeof PullServiceConfig>;

/** A text in which `faultOf` finds nothing. */
function fitting(what: string, faultOf: (text: string) => string | undefined): z.ZodString {
  return z.string().superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: `${what} (${fault})` });
  });
}
