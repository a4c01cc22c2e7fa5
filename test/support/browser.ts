// Chromium for a test: a page that tells what went wrong in it, and whom it asked. It can reach 127.0.0.1 only.
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

export interface TestPage extends AsyncDisposable {
  readonly page: Page;
  /** What it wrote to its console as an error, or threw. */
  readonly errors: readonly string[];
  /** Hosts that it has asked for anything. */
  readonly hosts: ReadonlySet<string>;
  /** The text of the first element that fits, without blanks at its ends. */
  text(selector: string): Promise<string>;
}

export interface TestBrowser extends AsyncDisposable {
  open(url: string, options?: BrowserContextOptions): Promise<TestPage>;
}

/** Debian's package; `CHROMIUM` names another. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export async function startBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    // Root has no sandbox there.
    args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  return {
    open: (url, options) => openPage(browser, url, options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<TestPage> {
  // A context of its own: no token and no theme of another page.
  const context = await browser.newContext({ colorScheme: "dark", ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  page.on("websocket", (socket) => hosts.add(new URL(socket.url()).host));
  await page.goto(url);
  return {
    page,
    errors,
    hosts,
    text: async (selector) => (await page.locator(selector).first().innerText()).trim(),
    [Symbol.asyncDispose]: () => context.close(),
  };
}
