// What a test looks at inside of a page: run there as it stands.

/**
 * Opaque colours are assumed.
 * @returns texts whose contrast is below 4.5, with their colours
 */
// biome-ignore lint/correctness/noUnusedVariables: called by the tests
function poorContrasts() {
  const channels = (/** @type {string} */ color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (/** @type {string} */ color) => {
    const [r = 0, g = 0, b = 0] = channels(color).map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (/** @type {Element} */ element) => {
    for (let at = element; ; at = at.parentElement ?? document.documentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (channels(color)[3] !== 0 || at === document.documentElement) return color;
    }
  };
  /** @type {string[]} */
  const poor = [];
  let count = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim();
    if (!element?.checkVisibility() || !text) continue;
    count += 1;
    const color = getComputedStyle(element).color;
    const ground = groundOf(element);
    const [light = 0, dark = 0] = [luminance(color), luminance(ground)].toSorted((one, other) => other - one);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) poor.push(`${text}: ${color} on ${ground} is ${ratio.toFixed(2)}`);
  }
  if (count < 30) poor.push(`only ${count} texts are drawn`);
  return poor;
}

/**
 * Of a picture, as base64 of a PNG.
 * @param {string} data
 * @returns the most red, green and blue that any of its pixels has
 */
// biome-ignore lint/correctness/noUnusedVariables: called by the tests
async function mostOfColors(data) {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  if (!context) throw new Error("no canvas");
  context.drawImage(picture, 0, 0);
  const { data: pixels } = context.getImageData(0, 0, picture.width, picture.height);
  const most = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 4) {
    for (const channel of [0, 1, 2]) most[channel] = Math.max(most[channel] ?? 0, pixels[i + channel] ?? 0);
  }
  return most;
}
