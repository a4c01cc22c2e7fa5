// A dashboard in this process, and a page of it without a browser.
import { Dashboard, type DashboardOptions } from "../../src/dashboard/index.ts";
import type { Asked, Told } from "../../src/dashboard/told.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";

export const TOKEN = "0123456789abcdef0123";

export interface TestDashboard extends AsyncDisposable {
  port: number;
  /** What it said at the terminal. */
  said: string[];
  /** Posts an order; as its own page would, unless told otherwise. */
  order(body: unknown, headers?: Record<string, string>): Promise<{ status: number; text: string }>;
}

export async function openDashboard(url: string, more: Partial<DashboardOptions> = {}): Promise<TestDashboard> {
  const port = more.port ?? (await freePort());
  const said: string[] = [];
  const dashboard = new Dashboard({
    settings: { servers: [url], required: false, subjectPrefix: "svc", origin: "default" },
    hostname: "127.0.0.1",
    port,
    token: TOKEN,
    readOnly: false,
    by: "dashboard/ann@vm",
    tell: (line) => said.push(line),
    ...more,
  });
  await dashboard.start();
  return {
    port,
    said,
    async order(body, headers = { authorization: `Bearer ${TOKEN}` }) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(`http://127.0.0.1:${port}/api/order`, { method: "POST", headers, body: text });
      const answer = (await response.text()).trim();
      return { status: response.status, text: answer.startsWith("{") ? JSON.parse(answer).text : answer };
    },
    [Symbol.asyncDispose]: () => dashboard.stop(),
  };
}

export interface TestLine extends Disposable {
  /** All it was told. */
  told: Told[];
  /** The code it was closed with. */
  closed: Promise<number>;
  ask(asked: Asked): void;
  raw(text: string): void;
  /** The first thing of this type that fits, past or future. */
  until<T extends Told["type"]>(
    type: T,
    fits?: (told: Extract<Told, { type: T }>) => boolean,
  ): Promise<Extract<Told, { type: T }>>;
}

/** Says hello at once. */
export async function openLine(port: number, token?: string, headers: Record<string, string> = {}): Promise<TestLine> {
  // Bun's own: with headers.
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/line`, { headers });
  const told: Told[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  socket.addEventListener("message", ({ data }) => void told.push(JSON.parse(String(data))));
  socket.addEventListener("close", ({ code }) => resolve(code));
  const ask = (asked: Asked) => socket.send(JSON.stringify(asked));
  await Promise.race([closed, new Promise((open) => socket.addEventListener("open", open))]);
  if (socket.readyState === WebSocket.OPEN) ask({ type: "hello", token });
  return {
    told,
    closed,
    ask,
    raw: (text) => socket.send(text),
    async until(type, fits = () => true) {
      type Wanted = Extract<Told, { type: typeof type }>;
      return await waitFor(`"${type}"`, () =>
        told.find((one): one is Wanted => one.type === type && fits(one as Wanted)),
      );
    },
    [Symbol.dispose]: () => socket.close(),
  };
}
