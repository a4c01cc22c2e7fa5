// The page in Chromium, served by the executable, of a fleet that runs: what people see, press and are told.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { spawnTcs, type TcsProcess } from "../support/binary.ts";
import { startBrowser, type TestBrowser, type TestPage } from "../support/browser.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { mostOfColors, poorContrasts } from "./look.ts";

const TOKEN = "0123456789abcdef0123";
const DOME = serviceFile(
  `  #shutter = new MonitoredObject("shutter");
  override onStart() {
    let count = 0;
    this.monitor.addMetricCb(() => ({ opened: ++count }));
    this.monitor.addSubmonitor(this.#shutter);
    this.#shutter.setStatus(Status.OK, "closed");
    this.logger.warning("dome <b>is</b> slow");
  }
  ${LOOP}`,
  undefined,
  'import { MonitoredObject } from "ocabox-tcs";',
);
const YAML = `services:
  - {type: dome, variant: main, restart: no}
  - {type: hello_world, variant: main, restart: no}
  - {type: hello_world, variant: other, restart: no}
  - {type: nightly, command: ["true"], schedule: every 2h}
`;

let stack: AsyncDisposableStack;
let fleet: TestFleet;
let browser: TestBrowser;
let port: number;
let dashboard: TcsProcess;

function serve(...args: string[]): TcsProcess {
  return spawnTcs(["dashboard", "--port", `${port}`, "--host", fleet.broker.url, ...args], {
    env: { TCS_DASHBOARD_TOKEN: TOKEN, USER: "ann" },
  });
}

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  fleet = stack.use(await runFleet({ yaml: YAML, files: { "dome.ts": DOME }, args: ["--launcher", "process"] }));
  browser = stack.use(await startBrowser());
  port = await freePort();
  dashboard = serve();
  stack.defer(() => dashboard[Symbol.asyncDispose]());
  await dashboard.waitForLine(/^http:/m);
  await fleet.tcs.waitForLine(/3 of 3 services running/);
});
afterAll(async () => await stack.disposeAsync());

const origin = () => `http://127.0.0.1:${port}/`;

/** With the token, and the fleet on it. */
async function open(options: { viewport?: { width: number; height: number }; token?: string } = {}): Promise<TestPage> {
  const { token = TOKEN, ...context } = options;
  const opened = await browser.open(`${origin()}#token=${token}`, context);
  await opened.page.waitForSelector("tr[data-key='dome.main'] td.status");
  return opened;
}

const row = (page: Page, id: string) => page.locator(`tr[data-key="${id}"]`);

async function waitForStatus(page: Page, id: string, pattern: RegExp): Promise<void> {
  await waitFor(`${id} as ${pattern}`, async () => pattern.test(await row(page, id).locator("td.status").innerText()));
}

/** Keys one after the other. */
async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

const selected = (page: Page) => page.locator("tr[aria-selected='true']").getAttribute("data-key");

/** Selects by the keyboard. */
async function goTo(page: Page, id: string): Promise<void> {
  await press(page, "Home");
  for (let i = 0; i < 10 && (await row(page, id).getAttribute("aria-selected")) !== "true"; i++) {
    const before = await selected(page);
    await press(page, "j");
    await waitFor("the next row to be selected", async () => (await selected(page)) !== before);
  }
  expect(await row(page, id).getAttribute("aria-selected")).toBe("true");
}

test("it shows the tree of hosts, launchers, services and parts, and asks nobody but its own server", async () => {
  await using opened = await open();
  const { page } = opened;
  await waitFor("the last part", async () => (await page.locator("tr.part").count()) === 1);
  const levels = await page
    .locator("#rows tr")
    .evaluateAll((rows) =>
      rows.map(
        (one) =>
          `${one.getAttribute("aria-level")} ${one.className.split(" ")[0]} ${one.querySelector("td")?.textContent}`,
      ),
    );
  expect(levels).toEqual([
    expect.stringMatching(/^1 host /),
    expect.stringMatching(/^2 launcher launcher \w+ on .* \(process\)$/),
    "3 service dome.main",
    "4 part shutter",
    "3 service hello_world.main",
    "3 service hello_world.other",
    "3 service nightly.main",
  ]);
  expect(await row(page, "nightly.main").locator("td.message").innerText()).toMatch(/^runs in \d.* \(every 2 h\)$/);
  await waitFor("all well", async () => /^ok +· +3 of 3 running$/.test(await opened.text("#overall")));
  expect(await page.title()).toBe("● ok · tcs");
  // Each has its last hour; the story is told.
  expect(await page.locator("tr.service svg.strip rect.ok").count()).toBeGreaterThanOrEqual(3);
  await waitFor("the events", async () => (await opened.text("#events")).includes("dome.main: started"));
  // The token is not left where it can be read.
  expect(page.url()).toBe(origin());
  expect(opened.errors).toEqual([]);
  expect([...opened.hosts]).toEqual([`127.0.0.1:${port}`]);
});

test("a service that is selected tells its facts, its log as plain text, and its numbers as a line", async () => {
  await using opened = await open();
  const { page } = opened;
  await row(page, "dome.main").click();
  await waitFor("the log", async () => (await opened.text("#log")).includes("WARNING dome <b>is</b> slow"));
  expect(await page.locator("#log b").count()).toBe(0);
  expect(await opened.text("#facts")).toMatch(/pid \d+/);
  await waitFor("the numbers", async () => (await page.locator("#metrics svg.spark").count()) > 0);
  expect(await opened.text("#metrics")).toMatch(/^opened \d+/);
  expect(await opened.text("#events")).not.toContain("hello_world");
  expect(opened.errors).toEqual([]);
});

test("metrics with ever-new names are forgotten, so that a page can stay open for weeks", async () => {
  await using opened = await open();
  const names = await opened.page.evaluate(`import("/store.js").then(({ store, select, take }) => {
    select("ever.new");
    for (let i = 0; i < 100; i++) {
      const beat = { at: i, metrics: { always: i, ["seen_" + i]: 1 } };
      take({ type: "beat", time: Date.now(), beats: { "ever.new": beat } });
    }
    return [...store.samples.keys()];
  })`);
  expect(names).toHaveLength(20);
  expect(names).toEqual(expect.arrayContaining(["always", "seen_99"]));
});

test("stop and start ask first, take a reason, and are done in the operator's name", async () => {
  await using opened = await open();
  const { page } = opened;
  await goTo(page, "hello_world.main");
  await press(page, "s");
  expect(await opened.text("#confirm-text")).toBe("Stop hello_world.main?");
  await press(page, "Escape");
  await waitForStatus(page, "hello_world.main", /● ok/);
  await press(page, "s");
  await page.keyboard.type("rain is near");
  await page.locator("#confirm-yes").click();
  await waitForStatus(page, "hello_world.main", /○ stopped/);
  await waitFor("who stopped it", async () =>
    /^stopped by dashboard\/\S+: rain is near$/.test(
      await row(page, "hello_world.main").locator("td.message").innerText(),
    ),
  );
  await waitFor("the event", async () => (await opened.text("#events")).includes("rain is near"));
  await page.locator("[data-order=start]").click();
  await page.locator("#confirm-yes").click();
  await waitForStatus(page, "hello_world.main", /● ok/);
  await waitFor("the answer", async () => /^hello_world\.main: /.test(await opened.text("#said")));
  expect(opened.errors).toEqual([]);
});

test("everything can be done by the keyboard", async () => {
  await using opened = await open();
  const { page } = opened;
  await press(page, "j", "j", "k");
  await waitFor("a selection", async () => (await page.locator("tr[aria-selected=true]").count()) === 1);
  // What is selected has the focus, and Enter goes to what can be done with it.
  expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe("row");
  await goTo(page, "dome.main");
  await press(page, "Enter");
  expect(await page.evaluate('document.activeElement.closest("aside")?.id')).toBe("detail");
  await press(page, "Escape");
  await waitFor("no detail", () => page.locator("#detail").isHidden());
  await press(page, "/");
  await page.keyboard.type("other");
  await waitFor("the one that fits", async () => (await page.locator("tr.service").count()) === 1);
  await press(page, "Enter");
  await press(page, "?");
  expect(await page.locator("#help").isVisible()).toBe(true);
  await press(page, "Escape", "/");
  await page.locator("#filter").fill("nothing like it");
  await waitFor("a word", async () => (await opened.text("#note")) === 'nothing fits "nothing like it"');
  await press(page, "Escape", "n");
  expect(await page.locator("html").getAttribute("data-theme")).toBe("red");
  expect(opened.errors).toEqual([]);
});

test.each([1024, 1200, 1400])(
  "on a screen %d wide there is room for what a service says, beside the selected one",
  async (width) => {
    await using opened = await open({ viewport: { width, height: 800 } });
    const { page } = opened;
    await row(page, "dome.main").click();
    await page.waitForSelector("#detail:not([hidden])");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    const message = await row(page, "dome.main").locator("td.message").boundingBox();
    expect(message?.width).toBeGreaterThanOrEqual(200);
    const table = await page.locator("#fleet").boundingBox();
    const fleetPart = await page.locator("section.fleet").boundingBox();
    expect(table?.width).toBeLessThanOrEqual((fleetPart?.width ?? 0) + 1);
  },
);

test("on a phone nothing is wider than the screen, and names are whole", async () => {
  await using opened = await open({ viewport: { width: 360, height: 740 } });
  const { page } = opened;
  const widths = () => page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
  expect(await widths()).toEqual([360, 360]);
  const name = await row(page, "hello_world.other").locator("td.name").boundingBox();
  expect(name?.width).toBeGreaterThan(144);
  expect(name?.height).toBeLessThan(40);
  await row(page, "dome.main").click();
  await page.waitForSelector("#detail:not([hidden])");
  expect(await widths()).toEqual([360, 360]);
  const button = await page.locator("[data-order=stop]").boundingBox();
  expect(button?.height).toBeGreaterThanOrEqual(39);
  expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThan(740);
  expect(opened.errors).toEqual([]);
});

test("a service that crashes turns red, here and in the title, and the page tells why", async () => {
  await using opened = await open();
  const { page } = opened;
  const start = await fleet.wire.waitForEvent("start", "dome.main");
  process.kill(Number(start.data.pid), "SIGKILL");
  await waitForStatus(page, "dome.main", /✖ /);
  expect(await row(page, "dome.main").locator("td.status").getAttribute("class")).toBe("status failed");
  await waitFor("the title", async () => /not well/.test(await page.title()));
  expect(await opened.text("#overall")).toContain("dome.main");
  await waitFor("the event", async () => /dome\.main: crashed, .*SIGKILL/.test(await opened.text("#events")));
  await waitFor("its strip", async () => (await row(page, "dome.main").locator("rect.failed").count()) === 1);
  expect(opened.errors).toEqual([]);
});

test("in every theme each text that is drawn has the contrast of WCAG AA; in red nothing else shines", async () => {
  await using opened = await open();
  const { page } = opened;
  await row(page, "dome.main").click();
  await waitFor("a failed service", async () => (await page.locator(".failed").count()) > 1);
  for (const theme of ["dark", "red", "light"]) {
    expect(await page.locator("html").getAttribute("data-theme")).toBe(theme);
    expect(await poorContrasts(page)).toEqual([]);
    if (theme === "red") expect(await mostOfColors(page)).toEqual([255, 0, 0]);
    await press(page, "n");
  }
  // It is kept, and there from the first moment.
  await press(page, "n");
  await page.reload({ waitUntil: "commit" });
  await page.waitForSelector("body");
  expect(await page.locator("html").getAttribute("data-theme")).toBe("red");
  expect(opened.errors).toEqual([]);
});

test("when the broker goes the page says that it is stale, and for how long; when it returns, it goes on", async () => {
  await using opened = await open();
  const { page } = opened;
  await fleet.broker.kill();
  await waitFor("a word", async () =>
    /^STALE: the broker is away; this is as of \d+ s ago/.test(await opened.text("#stale")),
  );
  await page.waitForSelector("body.stale");
  await waitFor("an age", async () => /as of [2-9] s ago/.test(await opened.text("#stale")));
  await fleet.broker.start();
  await page.waitForSelector("#stale", { state: "hidden" });
  const other = await fleet.wire.waitForEvent("start", "hello_world.other");
  process.kill(Number(other.data.pid), "SIGKILL");
  await waitForStatus(page, "hello_world.other", /✖ /);
  expect(opened.errors).toEqual([]);
});

test("when its server goes the page says so, and comes back with it; read-only, it offers no orders", async () => {
  await using opened = await open();
  const { page } = opened;
  await row(page, "hello_world.main").click();
  await page.waitForSelector("[data-order=stop]");
  await dashboard[Symbol.asyncDispose]();
  await waitFor("a word", async () =>
    /^STALE: no connection to the dashboard's server/.test(await opened.text("#stale")),
  );
  dashboard = serve("--read-only");
  await page.waitForSelector("#stale", { state: "hidden" });
  await waitFor("no orders", async () => (await opened.text("#orders")) === "this dashboard is read-only");
  await press(page, "s");
  expect(await opened.text("#said")).toBe("this dashboard is read-only");
  expect(await page.locator("#confirm").isVisible()).toBe(false);
  // The browser tells that it could not connect; nothing else went wrong.
  expect(opened.errors.filter((error) => !error.includes("ERR_CONNECTION_REFUSED"))).toEqual([]);
});

test("where others can reach it, it asks for the token; a wrong one is told, the right one opens it", async () => {
  await dashboard[Symbol.asyncDispose]();
  dashboard = serve("--listen", "0.0.0.0");
  await dashboard.waitForLine(/^http:/m);
  await using opened = await browser.open(origin());
  const { page } = opened;
  await page.waitForSelector("#token[open]");
  expect(await opened.text("#token p")).toBe("This dashboard needs its token.");
  expect(await page.locator("tr.service").count()).toBe(0);
  await page.locator("#token-input").fill("wrong token, quite wrong");
  await press(page, "Enter");
  await waitFor("a word", async () => (await opened.text("#token p")) === "That is not the token of this dashboard.");
  await page.locator("#token-input").fill(TOKEN);
  await press(page, "Enter");
  await page.waitForSelector("tr.service");
  await row(page, "hello_world.main").click();
  await page.waitForSelector("[data-order=stop]");
  expect(opened.errors).toEqual([]);
});
