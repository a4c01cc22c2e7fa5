// The page: shows what the store knows, and obeys the keyboard.
import { showDetail } from "./detail.js";
import { showEvents } from "./events.js";
import { showFleet } from "./fleet.js";
import { listen } from "./keys.js";
import { connect, look, showConnection, watch } from "./live.js";
import { subscribe, touch } from "./store.js";

for (const show of [showFleet, showDetail, showEvents, showConnection, look]) subscribe(show);
// Ages grow without anything being told.
setInterval(() => {
  watch();
  touch();
}, 1_000);
listen();
connect();
touch();
