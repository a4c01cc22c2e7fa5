// tcs export k8s: valid by the schemas of Kubernetes, never two of one service, no probe that asks the broker.
import { expect, test } from "bun:test";
import { Deployment, StatefulSet } from "kubernetes-models/apps/v1";
import { CronJob, Job } from "kubernetes-models/batch/v1";
import { ConfigMap, Service } from "kubernetes-models/v1";
import { SHARES } from "../../src/export/index.ts";
import { runTcs } from "../support/binary.ts";
import { at, documentsOf, exportFolder, SECRET_VALUE } from "../support/exported.ts";
import { tempFolder } from "../support/temp.ts";

const MODELS = { ConfigMap, Service, Deployment, StatefulSet, CronJob, Job };

async function manifests(...args: string[]): Promise<Record<string, unknown>[]> {
  using fleet = await exportFolder();
  const { stdout, stderr, code } = await fleet.run("k8s", ...args);
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  return documentsOf(stdout);
}

const named = (documents: Record<string, unknown>[], name: string) =>
  documents.find((document) => at(document, "metadata.name") === name && document.kind !== "Service");

test.each(
  SHARES.flatMap(
    (share) =>
      [
        [share, []],
        [share, ["--storage", "1Gi", "--namespace", "oca", "--files", "image"]],
      ] as const,
  ),
)("a pod per %s with %p is valid by the schemas of Kubernetes", async (share, more) => {
  const documents = await manifests("--per", share, ...more);
  expect(documents.length).toBeGreaterThan(3);
  for (const document of documents) {
    const Model = MODELS[String(document.kind) as keyof typeof MODELS];
    // The document is what is to be judged: whether it is one of its kind.
    expect(() => new Model(document as never).validate()).not.toThrow();
  }
});

test("the schemas would find a mistake", async () => {
  const deployment = named(await manifests(), "tcs-fleet");
  const wrong = JSON.parse(JSON.stringify(deployment).replace('"replicas":1', '"replicas":"one"'));
  expect(() => new Deployment(wrong).validate()).toThrow();
});

test("what runs on is a Deployment that ends the old pod first, what works once a Job, what a clock starts a CronJob", async () => {
  const documents = await manifests("--per", "service");
  const kinds = documents.map(({ kind, metadata }) => `${kind} ${at(metadata, "name")}`);
  expect(kinds).toEqual([
    "ConfigMap tcs-files",
    "Deployment tcs-hello-world-main",
    "Deployment tcs-hello-world-b",
    "Job tcs-guider-main",
    "CronJob tcs-hello-world-nightly",
    "Deployment tcs-hello-world-often",
    "Deployment tcs-dome-main",
  ]);
  expect(at(named(documents, "tcs-dome-main"), "spec.strategy")).toEqual({ type: "Recreate" });
  expect(at(named(documents, "tcs-hello-world-nightly"), "spec")).toMatchObject({
    schedule: "30 20 * * MON-FRI",
    timeZone: "America/Santiago",
    concurrencyPolicy: "Forbid",
  });
  expect(at(named(documents, "tcs-guider-main"), "spec.template.spec.containers.0.command")).toContain("--once");
});

test("what a CronJob cannot keep stays in a launcher, and it is said", async () => {
  using fleet = await exportFolder();
  const { stdout, stderr } = await fleet.run("k8s");
  const sentence = "hello_world.often keeps its schedule in a launcher: a CronJob counts in whole minutes";
  expect(stderr).toContain(sentence);
  expect(stdout).toContain(`# Note: ${sentence}.`);
});

test("with --storage each launcher is a StatefulSet with a claim of its own", async () => {
  const documents = await manifests("--per", "group", "--storage", "2Gi");
  const sky = named(documents, "tcs-group-sky");
  expect(sky?.kind).toBe("StatefulSet");
  expect(at(sky, "spec.replicas")).toBe(1);
  expect(at(sky, "spec.volumeClaimTemplates.0.spec.resources.requests.storage")).toBe("2Gi");
  expect(at(sky, "spec.serviceName")).toBe("tcs-group-sky");
});

test("liveness asks the event loop, readiness the status, and neither the broker", async () => {
  const container = at(named(await manifests(), "tcs-fleet"), "spec.template.spec.containers.0");
  expect(at(container, "livenessProbe.exec.command")).toEqual(["tcs", "health", "--local"]);
  expect(at(container, "readinessProbe.exec.command")).toEqual(["tcs", "health", "--local", "--ready"]);
});

test("a pod has no rights, no account, a stable host name, and no variables of other services", async () => {
  const spec = at(named(await manifests(), "tcs-fleet"), "spec.template.spec");
  expect(spec).toMatchObject({
    hostname: "tcs-fleet",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  });
});

test("secrets are references, and no value is written", async () => {
  using fleet = await exportFolder();
  const { stdout } = await fleet.run("k8s", "--per", "service");
  expect(stdout).not.toContain(SECRET_VALUE);
  const volumes = at(named(documentsOf(stdout), "tcs-guider-main"), "spec.template.spec.volumes");
  expect(volumes).toContainEqual({
    name: "secrets",
    projected: {
      defaultMode: 0o440,
      sources: [
        {
          secret: {
            name: "tcs-secrets",
            items: [
              { key: "API_KEY", path: "API_KEY" },
              { key: "GUIDER_PIN_CODE", path: "GUIDER_PIN_CODE" },
            ],
          },
        },
        { secret: { name: "tcs-secrets", items: [{ key: "NATS_PASSWORD", path: "NATS_PASSWORD" }], optional: true } },
      ],
    },
  });
});

test("the ConfigMap has the configuration as it is written, and every file a service is made of", async () => {
  using fleet = await exportFolder();
  const documents = documentsOf((await fleet.run("k8s")).stdout);
  const data = at(named(documents, "tcs-files"), "data");
  expect(data).toMatchObject({
    "0.services.yaml": await Bun.file(`${fleet.folder.path}/services.yaml`).text(),
    "2.lib_limits.ts": "export const limit = 7;\n",
  });
  const volumes = at(named(documents, "tcs-fleet"), "spec.template.spec.volumes");
  expect(JSON.stringify(volumes)).toContain('{"key":"2.lib_limits.ts","path":"lib/limits.ts"}');
});

test("a service as tcs new writes it, a program by its first line, is taken with the files that it imports", async () => {
  using folder = tempFolder();
  const tcs = (...args: string[]) => runTcs(args, { cwd: folder.path });
  expect((await tcs("new", "service", "wind")).code).toBe(0);
  const written = await Bun.file(`${folder.path}/wind.ts`).text();
  expect(written).toStartWith("#!");
  await folder.write("wind.ts", written.replace("\nimport", '\nimport "./unit.ts";\nimport'));
  await folder.write("unit.ts", 'export const unit = "m/s";\n');
  const { stdout, stderr, code } = await tcs("export", "k8s");
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  const data = at(named(documentsOf(stdout), "tcs-files"), "data") ?? {};
  expect(Object.keys(data)).toEqual(["0.services.yaml", "1.unit.ts", "2.wind.ts"]);
});

test("a file that needs a package is refused with the way out", async () => {
  using fleet = await exportFolder({ "lib/limits.ts": 'import "left-pad";\nexport const limit = 7;\n' });
  const refused = await fleet.run("k8s");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('lib/limits.ts imports "left-pad", a package');
  expect(refused.stderr).toContain("--files image");
  expect((await fleet.run("k8s", "--files", "image")).code).toBe(0);
});
