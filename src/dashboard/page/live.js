// The line to the server: what it tells goes to the store; when it falls silent, the page says so.
import { byId, setText } from "./dom.js";
import { now, store, take, touch } from "./store.js";
import { askToken, forgetToken, readToken, whenToken } from "./token.js";
import { span, utc } from "./words.js";

/** The server beats every 5 s. */
const SILENCE_MS = 12_000;
/** After so long without a beat the line is made anew: it may be dead without anybody having told us. */
const DEAD_MS = 20_000;
const AGAIN_MS = 1_500;

/** @type {WebSocket | undefined} */
let line;
/** What the server was told that we look at. @type {string | undefined} */
let looked;
/** When the line was last begun. */
let begunAt = 0;
let isRefused = false;

export function connect() {
  const url = new URL("/api/line", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  line?.close();
  const own = new WebSocket(url);
  line = own;
  looked = undefined;
  begunAt = Date.now();
  isRefused = false;
  own.addEventListener("open", () => own.send(JSON.stringify({ type: "hello", token: readToken() })));
  own.addEventListener("message", ({ data }) => {
    if (own !== line) return;
    /** @type {import("../told.ts").Told} */
    const told = JSON.parse(data);
    if (told.type === "refused") {
      isRefused = true;
      forgetToken();
      void askToken(`${told.text[0]?.toUpperCase()}${told.text.slice(1)}.`);
    }
    if (told.type === "hello") store.isConnected = true;
    take(told);
    look();
  });
  own.addEventListener("close", () => {
    if (own !== line) return;
    store.isConnected = false;
    touch();
    if (!isRefused) setTimeout(() => own === line && connect(), AGAIN_MS);
  });
}

/** Tells the server whose log and numbers we want. */
export function look() {
  if (!store.isConnected || looked === store.selected || line?.readyState !== WebSocket.OPEN) return;
  looked = store.selected;
  line.send(JSON.stringify({ type: "look", id: looked }));
}

export function watch() {
  if (!isRefused && Date.now() - Math.max(store.heardAt, begunAt) > DEAD_MS) connect();
}

whenToken(connect);
// A phone that wakes up does not wait.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !store.isConnected && !isRefused) connect();
});

export function showConnection() {
  const place = byId("stale");
  const why = staleness();
  place.hidden = why === "";
  setText(place, why);
  document.body.classList.toggle("stale", why !== "");
  setText(byId("clock"), `${utc(now())} UTC  ${store.about.broker}`);
}

/** Why what is shown may not be so any more, and since when. */
function staleness() {
  const { heardAt, isConnected, broker, awaySince, about } = store;
  if (heardAt === 0) return "";
  const silentMs = Date.now() - heardAt;
  if (!isConnected || silentMs > SILENCE_MS) {
    const what = isConnected ? "the dashboard's server is silent" : "no connection to the dashboard's server";
    return `STALE: ${what}; this is as of ${span(silentMs)} ago. It is tried again.`;
  }
  if (broker === "never") return `There is no broker at ${about.broker} yet. It is tried again.`;
  if (broker === "away") {
    return `STALE: the broker is away; this is as of ${span(Date.now() - awaySince)} ago. It is tried again.`;
  }
  return "";
}
