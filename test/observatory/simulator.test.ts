// The simulator as a service of the executable: what it answers, publishes and refuses on the wire.

import { expect, test } from "bun:test";
import { z } from "zod";
import { OWN_HOMES } from "../../src/config/types.ts";
import { Messenger } from "../../src/messenger/index.ts";
import { Observatory } from "../../src/observatory/index.ts";
import { runTcs } from "../support/binary.ts";
import { runFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";
import { openNight } from "./support.ts";

test("it answers in the words of the bridge, and says which component or command it lacks", async () => {
  await using night = await openNight();
  const ask = async (what: string, data = {}) => (await night.messenger.request(`tic.rpc.sim.${what}`, data)).data;
  expect(await ask("mount.atpark")).toEqual({ status: "ok", result: true, ts: expect.any(Array) });
  expect(await ask("mount.utcdate")).toMatchObject({ result: "2026-11-21T00:00:00.000Z" });
  expect(await ask("camera.gain")).toMatchObject({ status: "error", error: "server_error", code: 1002 });
  expect(await ask("constructor.name")).toMatchObject({ code: 1002 });
  expect(await ask("mount.toString")).toMatchObject({ code: 3002 });
  expect(await ask("mount.gain")).toMatchObject({ code: 3002, message: "mount has no gain for GET" });
  expect(await ask("mount.park", { method: "put" })).toMatchObject({ status: "ok", result: null });
  expect(await ask("mount.park", { method: "POST" })).toMatchObject({ error: "invalid_request" });
  expect(await ask("dome.slewtoazimuth", { method: "PUT", parameters: {} })).toMatchObject({ code: 4007 });
  expect(await ask("simulator.advance", { parameters: { Seconds: 1e9 } })).toMatchObject({ code: 4007 });
});

test("what it refuses comes as errors in plain words", async () => {
  await using night = await openNight();
  const { mount, dome, component } = { ...night.telescope, component: night.telescope.component.bind(night.telescope) };
  const said = (asked: Promise<unknown>) => asked.then(String, (error: Error) => `${error.name}: ${error.message}`);
  expect(await said(mount.slewToCoordinates({ ra: 1, dec: 0 }))).toBe(
    "RefusedError: sim.mount.slewtocoordinatesasync: refused: the mount is parked: unpark it first (2002)",
  );
  await mount.unpark();
  expect(await said(mount.slewToAltAz({ az: 10, alt: 3 }))).toBe(
    "RefusedError: sim.mount.slewtoaltazasync: refused: altitude 3.0: expected 15 or more (2002)",
  );
  expect(await said(dome.slewToAzimuth(400))).toBe(
    "RefusedError: sim.dome.slewtoazimuth: refused: azimuth 400: expected 0 to 360 (2002)",
  );
  expect(await said(component("focuser").property("position", z.number()).get())).toBe(
    "UnknownComponentError: sim.focuser.position: there is no such component or command: there is no component focuser",
  );
});

test("it obeys commands that nobody waits for, and publishes what changes as observatories do", async () => {
  await using night = await openNight();
  const { messenger, telescope } = night;
  const manager = await messenger.connection?.jetstreamManager();
  await manager?.streams.add({ name: "tic", subjects: ["tic.status.>", "tic.telemetry.>"] });
  await telescope.dome.command("openshutter");
  await waitFor("the command", async () => (await telescope.dome.shutter.get()) === "opening");
  await night.advance(31);
  await telescope.dome.slewToAzimuth(30);
  await night.advance(11);
  const last = async (subject: string) => (await messenger.singleRead(subject)).data;
  await waitFor("the last of them", async () => {
    const { measurements } = await last("tic.telemetry.sim.dome.azimuth");
    return z.record(z.string(), z.unknown()).parse(measurements)["sim.dome.azimuth"] === 30;
  });
  expect(await last("tic.status.sim.dome.shutterstatus")).toEqual({
    ts: expect.arrayContaining([2026, 11, 21]),
    measurements: { "sim.dome.shutterstatus": 0 },
  });
});

test("it does not begin where somebody answers already", async () => {
  await using night = await openNight();
  const second = ["service", "simulator", "--set", "telescope=sim", "--port", String(night.fleet.broker.port)];
  const { code, stderr } = await runTcs(second);
  expect(code).toBe(1);
  expect(stderr).toContain("somebody answers on tic.rpc.sim already: a telescope, a bridge or a simulator");
});

test("with a time factor the time goes on by itself, in every home", async () => {
  await using broker = await startNats();
  const rows = OWN_HOMES.map((home) => `  - {type: simulator, variant: ${home}, launcher: ${home}, time_factor: 1000}`);
  await using fleet = await runFleet({ broker, yaml: ["services:", ...rows, ""].join("\n") });
  await using messenger = await Messenger.open({ url: fleet.broker.url });
  const observatory = new Observatory(messenger);
  for (const home of OWN_HOMES) {
    const { mount } = observatory.telescope(home);
    await waitFor(`the one in a ${home}`, async () => await mount.atPark.get());
    await mount.unpark();
    await mount.slewToAltAz({ az: 90, alt: 60 });
    await waitFor("its arrival", async () => !(await mount.slewing.get()));
    expect(await mount.azimuth.get()).toBeCloseTo(90, 6);
  }
});

test("with publish_config the observatory's configuration has the telescope and the site, but never in place of another", async () => {
  await using broker = await startNats();
  await using messenger = await Messenger.open({ url: broker.url });
  const manager = await messenger.connection?.jetstreamManager();
  await manager?.streams.add({ name: "config", subjects: ["tic.config.>"] });
  await using _fleet = await runFleet({
    broker,
    yaml: "services: [{type: simulator, variant: t1, publish_config: true}]\n",
  });
  const config = await new Observatory(messenger).config(30_000);
  expect(config.telescopes).toEqual(["t1"]);
  expect(config.site).toEqual({ latitude: -24.598, longitude: -70.196, elevation: 2817 });
  expect(Object.keys(config.components("t1"))).toEqual(["mount", "dome"]);
  await using second = await runFleet({
    broker,
    yaml: "services: [{type: simulator, variant: t2, publish_config: true}]\n",
  });
  await second.tcs.waitForLine(/there is a configuration on tic.config.observatory already: it is left as it is/);
  expect((await new Observatory(messenger).config()).telescopes).toEqual(["t1"]);
});
