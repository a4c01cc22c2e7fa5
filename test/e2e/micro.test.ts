// A fleet as `nats micro ls` sees it.
import { expect, test } from "bun:test";
import { connect } from "nats";
import { runTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { waitFor } from "../support/wait.ts";

const COMMANDED = `import { BaseBlockingPermanentService, rpc, service } from "ocabox-tcs";
@service
export class Camera extends BaseBlockingPermanentService {
  @rpc("expose") expose() { return { frame: 1 }; }
  ${LOOP}
}`;

test("services of every home and their launcher answer $SRV, with their own commands; who is stopped does not", async () => {
  await using fleet = await runFleet({
    yaml: `services:
  - {type: camera, launcher: inline}
  - {type: dome, launcher: worker}
  - {type: mount, launcher: process}
`,
    files: { "camera.ts": COMMANDED, "dome.ts": serviceFile(LOOP), "mount.ts": serviceFile(LOOP) },
  });
  for (const id of ["camera.main", "dome.main", "mount.main"]) await fleet.wire.waitForEvent("ready", id);
  const connection = await connect({ servers: fleet.broker.url });
  const micro = connection.services.client();
  const names = async () => (await Array.fromAsync(await micro.ping())).map(({ name }) => name).sort();
  await waitFor("all four", async () => (await names()).join() === "camera,dome,mount,tcs-launcher");
  const [camera] = await Array.fromAsync(await micro.info("camera"));
  expect(camera?.endpoints.map(({ name }) => name)).toEqual(["health", "stats", "expose"]);
  expect(camera?.metadata).toMatchObject({ service_id: "camera.main", variant: "main", type: "camera" });
  expect(camera?.metadata?.runner_id).toContain(".camera");
  const env = { NATS_URL: fleet.broker.url };
  expect((await runTcs(["rpc", "camera.main", "expose"], { env })).code).toBe(0);
  const [stats] = await Array.fromAsync(await micro.stats("camera"));
  expect(stats?.endpoints?.[2]).toMatchObject({ name: "expose", num_requests: 1, num_errors: 0 });
  expect(stats?.endpoints?.[0]?.data).toEqual({ status: "ok" });
  expect((await runTcs(["stop", "dome.main"], { env })).code).toBe(0);
  expect(await names()).toEqual(["camera", "mount", "tcs-launcher"]);
  await connection.close();
});
