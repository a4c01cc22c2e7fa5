// The colours of the page: WCAG AA in every theme, and nothing but red in the red one.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { ROOT } from "../docs/markdown.ts";

async function read(name: string): Promise<string> {
  return await Bun.file(join(ROOT, "src/dashboard/page", name)).text();
}

const css = await read("themes.css");
const THEMES = [...css.matchAll(/:root\[data-theme="(\w+)"\] \{([^}]*)\}/g)].map(([, name = "", body = ""]) => ({
  name,
  colors: new Map([...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, key = "", value = ""]) => [key, value])),
}));
const rules = `${await read("style.css")}${await read("panels.css")}`;

/** What text is written on. `danger` has a colour of text of its own. */
const GROUNDS = ["bg", "panel", "select"];
const TEXTS = ["text", "dim", "accent", "ok", "starting", "warning", "failed", "stopped"];
/** Edges of fields and buttons, and graphics. */
const GRAPHICS = ["edge", "danger"];
/** Tells nothing that is not told otherwise: lines between rows. */
const ORNAMENTS = ["line"];

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = channels(color).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

test("contrast is reckoned as WCAG does", () => {
  expect(contrast("#ffffff", "#000000")).toBeCloseTo(21, 1);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
});

test("there are three themes, with the same colours by name", () => {
  expect(THEMES.map(({ name }) => name)).toEqual(["dark", "red", "light"]);
  const known = [...GROUNDS, ...TEXTS, ...GRAPHICS, ...ORNAMENTS, "on-danger"].toSorted();
  for (const { colors } of THEMES) expect([...colors.keys()].toSorted()).toEqual(known);
});

test("every colour of the page is one of its theme's", () => {
  const literal = /: [^;]*(?:#|\b(?:rgb|hsl|oklch|lab|color-mix)a?\(|\b(?:white|black|red|gr[ae]y|Canvas\w*)\b(?!-))/i;
  const declarations = [...rules.matchAll(/^\s+(?!white-space)[a-z-]+:[^;{]*;/gm)].map(([text]) => text);
  expect(declarations.length).toBeGreaterThan(100);
  expect(declarations.filter((text) => literal.test(text))).toEqual([]);
  const used = new Set([...rules.matchAll(/var\(--([a-z-]+)\)/g)].map(([, name = ""]) => name));
  expect([...used].filter((name) => !THEMES[0]?.colors.has(name))).toEqual([]);
});

test("text is written on the grounds that are looked at here only", () => {
  const grounds = [...rules.matchAll(/background: var\(--([a-z-]+)\)/g)].map(([, name = ""]) => name);
  expect(new Set(grounds)).toEqual(new Set([...GROUNDS, "danger"]));
  // On danger nothing else is written.
  const blocks = [...rules.matchAll(/\{([^{}]*)\}/g)].map(([, body = ""]) => body);
  for (const body of blocks.filter((text) => text.includes("background: var(--danger)"))) {
    expect(body).toMatch(/(?<!-)color: var\(--on-danger\)/);
  }
});

const named = THEMES.map((theme) => [theme.name, theme.colors] as const);

test.each(named)("in the %s theme all text has a contrast of 4.5 or more", (_, colors) => {
  const pairs = [...GROUNDS.flatMap((ground) => TEXTS.map((text) => [text, ground])), ["on-danger", "danger"]];
  const poor = pairs.flatMap(([text = "", ground = ""]) => {
    const ratio = contrast(colors.get(text) ?? "", colors.get(ground) ?? "");
    return ratio >= 4.5 ? [] : [`${text} on ${ground}: ${ratio.toFixed(2)}`];
  });
  expect(poor).toEqual([]);
});

test.each(named)("in the %s theme edges and graphics have a contrast of 3 or more", (_, colors) => {
  const pairs = GROUNDS.flatMap((ground) => GRAPHICS.map((graphic) => [graphic, ground]));
  const poor = pairs.flatMap(([graphic = "", ground = ""]) => {
    const ratio = contrast(colors.get(graphic) ?? "", colors.get(ground) ?? "");
    return ratio >= 3 ? [] : [`${graphic} on ${ground}: ${ratio.toFixed(2)}`];
  });
  expect(poor).toEqual([]);
});

test("red is red alone", () => {
  const colors = [...(THEMES.find(({ name }) => name === "red")?.colors.values() ?? [])];
  expect(colors.length).toBeGreaterThan(10);
  for (const color of colors) expect(color).toMatch(/^#[0-9a-f]{2}0000$/);
});
