// The token, for as long as this tab is open: never in an address that is sent anywhere.
import { ask, dialogById, inputById } from "./dom.js";

const KEY = "token";
/** @type {() => void} */
let onToken = () => undefined;

export function readToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get(KEY);
  if (given) {
    sessionStorage.setItem(KEY, given);
    // Not to be left in the address for those who look over the shoulder.
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}

/** @param {() => void} listener called when another one was entered */
export function whenToken(listener) {
  onToken = listener;
}

/** @param {string} [why] */
export async function askToken(why = "It is in the address that tcs dashboard printed, or in TCS_DASHBOARD_TOKEN.") {
  const dialog = dialogById("token");
  if (dialog.open) return;
  const input = inputById("token-input");
  dialog.querySelector("p")?.replaceChildren(why);
  input.value = "";
  const isGiven = await ask(dialog, input);
  const token = input.value.trim();
  input.value = "";
  if (!isGiven || token === "") return;
  sessionStorage.setItem(KEY, token);
  onToken();
}
