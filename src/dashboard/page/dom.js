// Elements by id, and made of text: nothing that came over the wire is ever parsed as HTML.

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** @param {string} id */
export function dialogById(id) {
  return /** @type {HTMLDialogElement} */ (byId(id));
}

/**
 * Shows a dialog until it is closed.
 * @param {HTMLDialogElement} dialog @param {HTMLElement} first what has the focus
 * @returns whether it was closed by the button for "yes"
 */
export async function ask(dialog, first) {
  dialog.returnValue = "no";
  dialog.showModal();
  first.focus();
  await new Promise((resolve) => {
    const look = () => {
      // Of an earlier asking this event may come late.
      if (dialog.open) return;
      dialog.removeEventListener("close", look);
      resolve(undefined);
    };
    dialog.addEventListener("close", look);
  });
  return dialog.returnValue === "yes";
}

/** @param {string} id */
export function inputById(id) {
  return /** @type {HTMLInputElement} */ (byId(id));
}

/** @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} [children] */
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {string} tag @param {Record<string, string | number>} attributes @param {Node[]} [children] */
export function svg(tag, attributes, children = []) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Sets text only when it differs: the rest of the page stays as it is. @param {HTMLElement} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {string} value */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Draws the inside of an element only when what it shows differs: what is marked in it, or has the focus, stays so.
 * @param {Element} place @param {unknown} shown plain data @param {() => (Node | string)[]} draw
 */
export function fill(place, shown, draw) {
  const text = JSON.stringify(shown);
  if (drawn.get(place) === text) return;
  drawn.set(place, text);
  place.replaceChildren(...draw());
}
