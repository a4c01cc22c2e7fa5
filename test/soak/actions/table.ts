// Everything that is done to a fleet.
import type { Action } from "./action.ts";
import { brokerActions } from "./broker.ts";
import { configurationActions } from "./configuration.ts";
import { diskActions } from "./disks.ts";
import { launcherActions } from "./launchers.ts";
import { orderActions } from "./orders.ts";
import { serviceActions } from "./services.ts";

export const ACTIONS: readonly Action[] = [
  ...serviceActions,
  ...launcherActions,
  ...brokerActions,
  ...orderActions,
  ...configurationActions,
  ...diskActions,
];
