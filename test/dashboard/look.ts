// What a page looks like: contrasts of what is drawn, and the colours of its pixels.
import type { Page } from "playwright-core";
import inPage from "./in-page.js" with { type: "text" };

/** Texts whose contrast is below 4.5, with their colours. */
export async function poorContrasts(page: Page): Promise<string[]> {
  return await page.evaluate(`${inPage}\npoorContrasts()`);
}

/** The most red, green and blue that any pixel on the screen has. */
export async function mostOfColors(page: Page): Promise<[red: number, green: number, blue: number]> {
  const png = (await page.screenshot()).toString("base64");
  // A page without the other's rules reads the picture.
  const reader = await page.context().newPage();
  try {
    return await reader.evaluate(`${inPage}\nmostOfColors("${png}")`);
  } finally {
    await reader.close();
  }
}
