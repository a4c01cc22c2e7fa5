// Orders to services: asked for, confirmed, given, and what came of them.
import { ask, byId, dialogById, inputById } from "./dom.js";
import { store } from "./store.js";
import { readToken } from "./token.js";

/** How long it stands there. */
const SAID_MS = 20_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let clearing;

/** @param {string} text */
export function say(text) {
  byId("said").textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => byId("said").replaceChildren(), SAID_MS);
}

/** @param {string} verb @param {string} id */
export async function askFor(verb, id) {
  const service = store.services.get(id);
  if (service?.kind !== "service") return say("orders are for services: select one");
  if (store.about.readOnly) return say("this dashboard is read-only");
  if (!store.mayOrder) return say("orders need the token of this dashboard");
  const dialog = dialogById("confirm");
  if (dialog.open) return;
  const reason = inputById("confirm-reason");
  byId("confirm-text").textContent = `${verb[0]?.toUpperCase()}${verb.slice(1)} ${id}?`;
  byId("confirm-yes").textContent = verb;
  reason.value = "";
  if (await ask(dialog, reason)) await order(verb, id, reason.value.trim());
}

/** @param {string} verb @param {string} id @param {string} reason */
async function order(verb, id, reason) {
  say(`${verb} ${id}…`);
  try {
    const response = await fetch("/api/order", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${readToken() ?? ""}` },
      body: JSON.stringify(reason === "" ? { verb, id } : { verb, id, reason }),
    });
    const { text } = await response.json();
    say(text);
  } catch {
    // Whatever it is, the answer has not come.
    say(`${verb} ${id}: the dashboard's server does not answer; whether it was done is not known`);
  }
}
