// Services that publish, subscribe, push and pull, over NATS or ZeroMQ. Public as "ocabox-tcs/kinds".
export {
  ControllerServiceConfig,
  PublisherServiceConfig,
  PublisherSubscriberServiceConfig,
  PullServiceConfig,
  PushServiceConfig,
  SubscriberServiceConfig,
  WorkerServiceConfig,
} from "./config.ts";
export { ControllerService } from "./controller.ts";
export { AddressError, TaskNotTakenError, TaskTimeoutError, TopicError, UnfitMessageError } from "./errors.ts";
export type { MessageCounts } from "./host.ts";
export { type Heartbeat, isTaskFailure, type JsonMessage, type TaskFailure, type TaskInfo } from "./messages.ts";
export { MessagingService } from "./messaging-service.ts";
export { PublisherService, PublisherSubscriberService } from "./publisher.ts";
export { PullService, PushService } from "./push-pull.ts";
export { SubscriberService } from "./subscriber.ts";
export type { TopicHandler } from "./subscribing.ts";
export { WorkerService } from "./worker.ts";
