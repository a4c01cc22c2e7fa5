// A program and the service manager that started it.
export { type NotifyAddress, takeNotifyAddress } from "./environment.ts";
export { openServiceManager, type ServiceManager } from "./notify.ts";
