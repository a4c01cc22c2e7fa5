// Telescopes over the bridge's subjects: what is sent, what comes of each answer, in which words.
import { expect, test } from "bun:test";
import { StringCodec } from "nats";
import { z } from "zod";
import { BrokerUnreachableError } from "../../src/common/errors.ts";
import type { JsonObject } from "../../src/common/json.ts";
import {
  BadReplyError,
  NoAnswerError,
  NoObservatoryConfigError,
  Observatory,
  ObservatoryError,
  type ObservatoryOptions,
  RefusedError,
  UnknownComponentError,
} from "../../src/observatory/index.ts";
import { type Bench, openBench } from "../messenger/support.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";

/** What was asked of the bridge, and an observatory behind it; the bridge answers each address as told. */
async function openBridge(bench: Bench, answers: Record<string, unknown>, options: ObservatoryOptions = {}) {
  const asked: { subject: string; data: JsonObject; sender: string; type: string }[] = [];
  const bridge = bench.messenger({ url: bench.broker.url, name: "bridge" });
  bridge.getRpcResponder("tic.rpc.zb08.>", {}, ({ data, meta }) => {
    asked.push({ subject: meta.nats.subject, data, sender: meta.sender, type: meta.message_type });
    const answer = answers[meta.nats.subject.slice("tic.rpc.zb08.".length)];
    return typeof answer === "function" ? answer() : answer;
  });
  await bridge.connected(10_000);
  await bridge.connection?.flush();
  const observatory = new Observatory(bench.messenger({ url: bench.broker.url, name: "guider.zb08" }), options);
  return { asked, observatory, telescope: observatory.telescope("zb08") };
}

const ok = (result: unknown) => ({ status: "ok", result, ts: [2026, 11, 21, 0, 0, 0, 0] });
const refused = (error: string, message?: string, code?: number) => ({ status: "error", error, message, code });

test("a property is asked for with the request of the bridge, and its value comes typed", async () => {
  await using bench = await openBench();
  const { asked, telescope } = await openBridge(bench, { "mount.azimuth": ok(123.4), "dome.shutterstatus": ok(1) });
  expect(await telescope.mount.azimuth.get()).toBe(123.4);
  expect(await telescope.dome.shutter.get({ timeoutMs: 2_500 })).toBe("closed");
  expect(asked).toEqual([
    {
      subject: "tic.rpc.zb08.mount.azimuth",
      data: { parameters: {}, client_id: "guider.zb08", request_timeout: 5, method: "GET" },
      sender: "guider.zb08",
      type: "rpc",
    },
    expect.objectContaining({ data: expect.objectContaining({ request_timeout: 2.5 }) }),
  ]);
});

test("orders are PUT requests with Alpaca's parameters", async () => {
  await using bench = await openBench();
  const done = Object.fromEntries(
    ["mount.slewtocoordinatesasync", "mount.tracking", "dome.slewtoazimuth", "focuser.move"].map((a) => [a, ok(null)]),
  );
  const { asked, telescope } = await openBridge(bench, done, { clientId: "night" });
  await telescope.mount.slewToCoordinates({ ra: 5.5, dec: -60 });
  await telescope.mount.tracking.set(false);
  await telescope.dome.slewToAzimuth(12);
  await telescope.component("focuser").put("move", { Position: 1200 });
  expect(asked.map(({ subject, data }) => [subject, data.parameters])).toEqual([
    ["tic.rpc.zb08.mount.slewtocoordinatesasync", { RightAscension: 5.5, Declination: -60 }],
    ["tic.rpc.zb08.mount.tracking", { Tracking: false }],
    ["tic.rpc.zb08.dome.slewtoazimuth", { Azimuth: 12 }],
    ["tic.rpc.zb08.focuser.move", { Position: 1200 }],
  ]);
  expect(new Set(asked.map(({ data }) => `${data.client_id} ${data.method}`))).toEqual(new Set(["night PUT"]));
});

test("a command is told on its own subject, and nothing is waited for", async () => {
  await using bench = await openBench();
  const heard: JsonObject[] = [];
  bench.bare.subscribe("tic.command.>", {
    callback: (_error, { subject, data }) => heard.push({ subject, ...JSON.parse(StringCodec().decode(data)).data }),
  });
  await bench.bare.flush();
  const { telescope } = await openBridge(bench, {});
  await telescope.dome.command("park");
  await telescope.component("focuser").command("move", { Position: 5 });
  await waitFor("both commands", () => heard.length === 2);
  expect(heard).toEqual([
    {
      subject: "tic.command.zb08.dome.park",
      parameters: {},
      client_id: "guider.zb08",
      request_timeout: 5,
      method: "PUT",
    },
    expect.objectContaining({ subject: "tic.command.zb08.focuser.move", parameters: { Position: 5 } }),
  ]);
});

test("a command is not kept for later while the broker is away", async () => {
  await using bench = await openBench();
  const { telescope } = await openBridge(bench, { "mount.azimuth": ok(1) });
  await telescope.mount.azimuth.get();
  await bench.broker.kill();
  const refusal = await waitFor("the messenger to notice", () =>
    telescope.dome.command("park").then(
      () => undefined,
      (error: Error) => error.message,
    ),
  );
  expect(refusal).toBe("tic.command.zb08.dome.park: the broker is away");
});

test.each<[unknown, new (...args: never[]) => ObservatoryError, string]>([
  [refused("timeout"), NoAnswerError, "zb08.mount.azimuth: the bridge had no answer from the telescope in time"],
  [
    refused("comm_error", "no route"),
    NoAnswerError,
    "zb08.mount.azimuth: the bridge cannot reach the telescope: no route",
  ],
  [
    refused("server_error", "no such address", 1002),
    UnknownComponentError,
    "zb08.mount.azimuth: there is no such component or command: no such address",
  ],
  [
    refused("server_error", undefined, 3002),
    UnknownComponentError,
    "zb08.mount.azimuth: there is no such component or command",
  ],
  [
    refused("access_denied", "taken by mikolaj", 1004),
    RefusedError,
    "zb08.mount.azimuth: refused: access denied: somebody else has control of the telescope: taken by mikolaj (1004)",
  ],
  [
    refused("safety_cutoff", undefined, 1005),
    RefusedError,
    "zb08.mount.azimuth: refused: the safety cut-off is engaged (1005)",
  ],
  [
    refused("server_error", "below the horizon", 2002),
    RefusedError,
    "zb08.mount.azimuth: refused: below the horizon (2002)",
  ],
  [refused("some_new_word"), RefusedError, "zb08.mount.azimuth: refused: some_new_word"],
  [() => Promise.reject(new Error("out of order")), RefusedError, "zb08.mount.azimuth: refused: out of order"],
  [
    ok("north"),
    BadReplyError,
    'zb08.mount.azimuth: unexpected result "north" (Invalid input: expected number, received string)',
  ],
  [{ value: 3 }, BadReplyError, "zb08.mount.azimuth: the answer has not the form of the bridge's answers"],
])("the answer %j is told in plain words", async (answer, kind, message) => {
  await using bench = await openBench();
  const { telescope } = await openBridge(bench, { "mount.azimuth": answer });
  const error = await telescope.mount.azimuth.get().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  expect((error as ObservatoryError).message).toBe(message);
});

test("a refusal has the bridge's word and OCABox's number", async () => {
  await using bench = await openBench();
  const { telescope } = await openBridge(bench, { "dome.park": refused("access_denied", "no", 1004) });
  expect(await telescope.dome.park().catch((error: unknown) => error)).toMatchObject({
    reason: "access_denied",
    number: 1004,
    address: "zb08.dome.park",
    code: "E_REFUSED",
  });
});

test("that nobody answers is told at once, and told apart from silence", async () => {
  await using bench = await openBench();
  const { observatory, telescope } = await openBridge(bench, { "mount.azimuth": () => Bun.sleep(60_000) });
  const nobody = await observatory
    .telescope("zb99")
    .mount.azimuth.get()
    .catch((error: unknown) => error);
  expect(nobody).toMatchObject({ message: "zb99.mount.azimuth: nobody answers for it", isNobody: true });
  expect(nobody).toBeInstanceOf(NoAnswerError);
  const silent = await telescope.mount.azimuth.get({ timeoutMs: 50 }).catch((error: unknown) => error);
  expect(silent).toMatchObject({ message: "zb08.mount.azimuth: no answer within 0.05 s", isNobody: false });
});

test("a broker that is away is another error, and an address that is none is not sent", async () => {
  await using bench = await openBench();
  const lost = new Observatory(bench.messenger({ url: `nats://127.0.0.1:${await freePort()}` }));
  const mount = lost.telescope("zb08").mount;
  await expect(mount.azimuth.get({ timeoutMs: 100 })).rejects.toBeInstanceOf(BrokerUnreachableError);
  const { telescope, asked } = await openBridge(bench, {});
  for (const name of ["a b", "", "*"]) {
    await expect(telescope.component("focuser").property(name, z.number()).get()).rejects.toBeInstanceOf(
      ObservatoryError,
    );
  }
  expect(asked).toEqual([]);
});

test("the observatory's configuration is read from its stream, and followed", async () => {
  await using bench = await openBench();
  const { observatory } = await openBridge(bench, {}, { configSubject: "night.config" });
  const site = { global: { geo_location: { lat: -24.6, lon: -70.2, elev: 2817 } } };
  const publisher = bench.messenger();
  const mount = { type: "eq" };
  const telescopes = { zb08: { observatory: { components: { mount, dome: {} } } }, wk06: {} };
  await publisher.singlePublish("night.config", { published: [2026, 11, 21], config: { telescopes, site } });
  const config = await observatory.config();
  expect(config.telescopes).toEqual(["zb08", "wk06"]);
  expect(config.site).toEqual({ latitude: -24.6, longitude: -70.2, elevation: 2817 });
  expect(config.components("zb08")).toEqual({ mount, dome: {} });
  expect(config.components("wk06")).toEqual({});
  await publisher.singlePublish("night.config", { config: { telescopes: { jk15: {} } } });
  await waitFor("the new one", async () => (await observatory.config()).telescopes.join() === "jk15");
  expect((await observatory.config()).site).toBeUndefined();
});

test("that there is no configuration is told, with where it was looked for", async () => {
  await using bench = await openBench();
  const { observatory } = await openBridge(bench, {}, { configSubject: "night.config" });
  await expect(observatory.config(100)).rejects.toThrow(
    "night.config: there was no configuration of the observatory within 0.1 s",
  );
  await expect(observatory.config(100)).rejects.toBeInstanceOf(NoObservatoryConfigError);
});
