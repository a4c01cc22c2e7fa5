// Who may see the dashboard, and who may give orders.
import { expect, test } from "bun:test";
import { Access, isLoopback } from "../../src/dashboard/access.ts";

const TOKEN = "0123456789abcdef";
const local = new Access({ hostname: "127.0.0.1", token: TOKEN, readOnly: false });
const open = new Access({ hostname: "0.0.0.0", token: TOKEN, readOnly: false });
const readOnly = new Access({ hostname: "127.0.0.1", token: TOKEN, readOnly: true });

function request(headers: Record<string, string>): Request {
  return new Request("http://127.0.0.1:8420/", { headers });
}

test.each([
  ["127.0.0.1", true],
  ["127.4.5.6", true],
  ["localhost", true],
  ["LOCALHOST", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.2", false],
  ["127.0.0.1.evil.example", false],
  ["localhost.evil.example", false],
  ["1127.0.0.1", false],
  ["", false],
])("that only this host reaches %s is %p", (hostname, expected) => {
  expect(isLoopback(hostname)).toBe(expected);
});

test.each(["127.0.0.1:8420", "localhost:8420", "LocalHost", "[::1]:8420", "127.0.0.1"])(
  "on loopback a request for %s passes",
  (host) => {
    expect(local.refuse(request({ host }))).toBeUndefined();
  },
);

test.each(["evil.example:8420", "127.0.0.1.evil.example", "192.168.1.2:8420", "localhost@evil.example", "", "::::"])(
  "on loopback a request for %p is refused: its name was made to point here",
  (host) => {
    expect(local.refuse(request({ host }))?.status).toBe(421);
  },
);

test.each(["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8420", "nonsense"])(
  "a request from a page of %p is refused",
  (origin) => {
    expect(local.refuse(request({ host: "127.0.0.1:8420", origin }))?.status).toBe(403);
    expect(open.refuse(request({ host: "dome.example:8420", origin }))?.status).toBe(403);
  },
);

test("a request from its own page passes, over a proxy with https too", () => {
  expect(open.refuse(request({ host: "dome.example", origin: "https://dome.example" }))).toBeUndefined();
  expect(local.refuse(request({ host: "127.0.0.1:8420", origin: "http://127.0.0.1:8420" }))).toBeUndefined();
});

test("everybody on this host may look; elsewhere only who has the token", () => {
  expect(local.maySee(undefined)).toBe(true);
  expect(open.maySee(undefined)).toBe(false);
  expect(open.maySee(`${TOKEN}x`)).toBe(false);
  expect(open.maySee(TOKEN.slice(0, -1))).toBe(false);
  expect(open.maySee(TOKEN)).toBe(true);
});

test("orders need the token everywhere", () => {
  for (const access of [local, open]) {
    expect(access.mayOrder(undefined)).toBe(false);
    expect(access.mayOrder(TOKEN)).toBe(true);
    expect(access.refuseOrder(request({}))?.status).toBe(401);
    expect(access.refuseOrder(request({ authorization: "Bearer wrong" }))?.status).toBe(401);
    expect(access.refuseOrder(request({ authorization: `Basic ${TOKEN}` }))?.status).toBe(401);
    expect(access.refuseOrder(request({ authorization: `Bearer ${TOKEN}` }))).toBeUndefined();
  }
});

test("a read-only dashboard takes no orders, whoever gives them", () => {
  expect(readOnly.mayOrder(TOKEN)).toBe(false);
  expect(readOnly.refuseOrder(request({ authorization: `Bearer ${TOKEN}` }))?.status).toBe(403);
});
