// The files of the page: text inside the executable, nothing is fetched from anywhere else.
import detail from "./page/detail.js" with { type: "text" };
import dom from "./page/dom.js" with { type: "text" };
import draw from "./page/draw.js" with { type: "text" };
import events from "./page/events.js" with { type: "text" };
import fleet from "./page/fleet.js" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import index from "./page/index.html" with { type: "text" };
import keys from "./page/keys.js" with { type: "text" };
import live from "./page/live.js" with { type: "text" };
import main from "./page/main.js" with { type: "text" };
import orders from "./page/orders.js" with { type: "text" };
import panels from "./page/panels.css" with { type: "text" };
import store from "./page/store.js" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import theme from "./page/theme.js" with { type: "text" };
import themes from "./page/themes.css" with { type: "text" };
import token from "./page/token.js" with { type: "text" };
import tree from "./page/tree.js" with { type: "text" };
import words from "./page/words.js" with { type: "text" };

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";
const SCRIPTS = { detail, dom, draw, events, fleet, keys, live, main, orders, store, theme, token, tree, words };

/** By path: content type and text. */
export const PAGE_FILES: ReadonlyMap<string, { type: string; text: string }> = new Map([
  // Text like the rest, whatever Bun's types say of HTML.
  ["/", { type: "text/html; charset=utf-8", text: index as unknown as string }],
  ["/themes.css", { type: STYLE, text: themes }],
  ["/style.css", { type: STYLE, text: style }],
  ["/panels.css", { type: STYLE, text: panels }],
  ["/icon.svg", { type: "image/svg+xml", text: icon }],
  ...Object.entries(SCRIPTS).map(([name, text]): [string, { type: string; text: string }] => [
    `/${name}.js`,
    { type: SCRIPT, text },
  ]),
]);
