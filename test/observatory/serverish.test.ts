// With the real Python package on the other end: as the observatory's own programs speak.
import { describe, expect, test } from "bun:test";
import { Observatory } from "../../src/observatory/index.ts";
import { HAS_SERVERISH, openBench, startPeer } from "../messenger/support.ts";
import { waitFor } from "../support/wait.ts";
import { openNight } from "./support.ts";

describe.skipIf(!HAS_SERVERISH)("serverish in Python", () => {
  test("it asks the simulated telescope as it asks the bridge", async () => {
    await using night = await openNight();
    const request = JSON.stringify({ parameters: {}, client_id: "python", request_timeout: 5, method: "GET" });
    await using peer = await startPeer(night.fleet.broker, ["ask", "tic.rpc.sim.mount.atpark", request]);
    await peer.ended();
    expect(peer.told).toMatchObject([{ data: { status: "ok", result: true }, meta: { sender: "simulator.sim" } }]);
  });

  test("it hears commands by the stream that the bridge reads them from", async () => {
    await using bench = await openBench({ subjects: ["tic.command.>"] });
    await using peer = await startPeer(bench.broker, ["follow", "tic.command.>"], true);
    const { dome } = new Observatory(bench.messenger({ url: bench.broker.url, name: "night" })).telescope("zb08");
    // "new" begins when its consumer is there, which it does not tell.
    await waitFor("the command", async () => {
      await dome.command("slewtoazimuth", { Azimuth: 30 });
      return peer.told.length > 0;
    });
    expect(peer.told[0]).toEqual({
      data: { parameters: { Azimuth: 30 }, client_id: "night", request_timeout: 5, method: "PUT" },
      sender: "night",
    });
  });

  test("the configuration that it publishes is read", async () => {
    await using bench = await openBench({ subjects: ["tic.config.>"] });
    const document = { published: [2026, 11, 21, 0, 0, 0, 0], config: { telescopes: { zb08: {} } } };
    await using peer = await startPeer(bench.broker, ["publish", "tic.config.observatory", JSON.stringify(document)]);
    await peer.ended();
    expect((await new Observatory(bench.messenger()).config()).telescopes).toEqual(["zb08"]);
  });
});
