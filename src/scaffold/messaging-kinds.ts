// The kinds of service that publish, subscribe, push and pull. Topics and queues are named so that they fit together.

import controllerTest from "../../generators/templates/controller.test.ts.hbs" with { type: "text" };
import controller from "../../generators/templates/controller.ts.hbs" with { type: "text" };
import publisherTest from "../../generators/templates/publisher.test.ts.hbs" with { type: "text" };
import publisher from "../../generators/templates/publisher.ts.hbs" with { type: "text" };
import publisherSubscriberTest from "../../generators/templates/publisher-subscriber.test.ts.hbs" with { type: "text" };
import publisherSubscriber from "../../generators/templates/publisher-subscriber.ts.hbs" with { type: "text" };
import pullTest from "../../generators/templates/pull.test.ts.hbs" with { type: "text" };
import pull from "../../generators/templates/pull.ts.hbs" with { type: "text" };
import pushTest from "../../generators/templates/push.test.ts.hbs" with { type: "text" };
import push from "../../generators/templates/push.ts.hbs" with { type: "text" };
import subscriberTest from "../../generators/templates/subscriber.test.ts.hbs" with { type: "text" };
import subscriber from "../../generators/templates/subscriber.ts.hbs" with { type: "text" };
import workerTest from "../../generators/templates/worker.test.ts.hbs" with { type: "text" };
import worker from "../../generators/templates/worker.ts.hbs" with { type: "text" };
import type { ServiceKind } from "./service-kind.ts";

const every = (what: string) => ({
  name: "interval",
  value: 5,
  integer: false,
  description: `seconds between two ${what}`,
});
const concurrency = { name: "concurrency", value: 1, integer: true, description: "tasks worked on at a time" };

const JOBS = "jobs";
const TASKS = "tasks";
const RESULTS = "results";

export const MESSAGING_KINDS = {
  publisher: {
    base: "PublisherService",
    description: "publishes messages on topics, and a heartbeat",
    template: publisher,
    test: publisherTest,
    field: every("messages"),
    row: { transport: "nats" },
    message: "all is well",
  },
  subscriber: {
    base: "SubscriberService",
    description: "hears messages on topics",
    template: subscriber,
    test: subscriberTest,
    field: { name: "silence", value: 60, integer: false, description: "seconds without a message until it warns" },
    row: { transport: "nats" },
    message: "heard",
  },
  "publisher-subscriber": {
    base: "PublisherSubscriberService",
    description: "publishes, and hears",
    template: publisherSubscriber,
    test: publisherSubscriberTest,
    field: every("messages"),
    row: { transport: "nats" },
    message: "all is well",
  },
  push: {
    base: "PushService",
    description: "gives tasks to services that pull",
    template: push,
    test: pushTest,
    field: every("tasks"),
    row: { transport: "nats", push_address: JOBS },
    message: "one more",
  },
  pull: {
    base: "PullService",
    description: "does tasks",
    template: pull,
    test: pullTest,
    field: concurrency,
    row: { transport: "nats", pull_address: JOBS },
    message: "done",
  },
  controller: {
    base: "ControllerService",
    description: "publishes, hears, gives tasks to workers, and hears what became of them",
    template: controller,
    test: controllerTest,
    field: every("tasks"),
    row: { transport: "nats", push_address: TASKS, pull_address: RESULTS },
    message: "one more",
  },
  worker: {
    base: "WorkerService",
    description: "hears, does tasks, and gives back their results",
    template: worker,
    test: workerTest,
    field: concurrency,
    row: { transport: "nats", pull_address: TASKS, push_address: RESULTS },
    message: "done",
  },
} as const satisfies Record<string, ServiceKind>;
