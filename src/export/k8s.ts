// Kubernetes manifests: a Deployment or StatefulSet, CronJob or Job for each unit, and a ConfigMap with the files.
import { basename, dirname } from "node:path";
import { type PodOptions, podSpec } from "./k8s-pod.ts";
import { fullName } from "./names.ts";
import { serviceFiles } from "./service-files.ts";
import { checksum, comment, stamped } from "./stamp.ts";
import type { ExportedFile, ExportOptions, ExportSource, Plan, Unit } from "./types.ts";
import { yamlText } from "./yaml-text.ts";

const STATE_CLAIM = "state";

export interface K8sOptions extends ExportOptions {
  /** The configuration and the services' files: a ConfigMap, or in the image already. */
  files: "configmap" | "image";
  /** Size of the claim for the state of each launcher, as `1Gi`; undefined: the state is lost with the pod. */
  storage: string | undefined;
  namespace: string | undefined;
}

/** `k8s.yaml`. @throws ExportError when the files do not fit into a ConfigMap */
export function k8sFile({ units, notes }: Plan, source: ExportSource, options: K8sOptions): ExportedFile {
  const { name, storage } = options;
  const configMap = options.files === "configmap" ? filesMap(source) : undefined;
  const pod: PodOptions = {
    ...options,
    files: configMap && { configMap: `${name}-files`, items: configMap.items },
    environmentName: `${name}-environment`,
    secretName: `${name}-secrets`,
    stateClaim: undefined,
  };
  const documents = [
    ...(configMap
      ? [manifest("v1", "ConfigMap", `${name}-files`, commonLabels(name), options, { data: configMap.data })]
      : []),
    ...units.flatMap((unit) => workload(unit, options, pod, checksum(JSON.stringify(configMap?.data ?? source.text)))),
  ];
  const head = ["", ...headOf(units, notes, pod, storage)];
  const body = documents.map((document) => yamlText(document)).join("---\n");
  return { name: "k8s.yaml", text: stamped("k8s", `${comment(head)}\n${body}`) };
}

function headOf(
  units: readonly Unit[],
  notes: readonly string[],
  pod: PodOptions,
  storage: string | undefined,
): string[] {
  const variables = units.flatMap((unit) => unit.variables);
  const namesOf = (isMeant: (variable: (typeof variables)[number]) => boolean) => [
    ...new Set(variables.filter(isMeant).map(({ name }) => name)),
  ];
  const secrets = namesOf(({ secret }) => secret).sort();
  const required = namesOf(({ secret, optional }) => !secret && !optional).sort();
  const optional = namesOf(({ secret, optional }) => !secret && optional).sort();
  const waits = units.filter(({ after }) => after.length > 0);
  return [
    ...(secrets.length > 0 ? [`Needs the Secret ${pod.secretName} with ${secrets.join(", ")}.`] : []),
    ...(required.length > 0 ? [`Needs the ConfigMap ${pod.environmentName} with ${required.join(", ")}.`] : []),
    ...(optional.length > 0 ? [`The ConfigMap ${pod.environmentName} may have ${optional.join(", ")}.`] : []),
    ...(storage === undefined ? ["State and log files end with their pod: --storage 1Gi keeps them."] : []),
    ...waits.map(({ name, after }) => `Note: ${name} does not wait for ${after.join(", ")}: pods start in any order.`),
    ...notes.map((note) => `Note: ${note}.`),
  ];
}

/** A key of a ConfigMap has no slash: files have numbers there, and their paths in the pod. */
function filesMap({ fleet, file, text }: ExportSource) {
  const config = basename(file);
  const files = [[config, text] as const, ...serviceFiles(fleet.services, dirname(file))];
  const named = files.map(([path, content], index) => ({
    key: `${index}.${path.replaceAll(/[^\w.-]/g, "_")}`,
    path,
    content,
  }));
  return {
    data: Object.fromEntries(named.map(({ key, content }) => [key, content])),
    items: named.map(({ key, path }) => ({ key, path })),
  };
}

function workload(unit: Unit, options: K8sOptions, pod: PodOptions, sum: string) {
  const { name, storage } = options;
  const own = fullName(options, unit);
  const labels = { ...commonLabels(name), "app.kubernetes.io/component": unit.name };
  const selector = { "app.kubernetes.io/instance": name, "app.kubernetes.io/component": unit.name };
  const template = (claim?: string) => ({
    // A pod reads its files when it starts: other files, another pod.
    metadata: { labels, annotations: { "tcs/files": sum } },
    spec: podSpec(unit, { ...pod, stateClaim: claim }),
  });
  const { life } = unit;
  switch (life.kind) {
    case "periodic":
      return [
        manifest("batch/v1", "CronJob", own, labels, options, {
          spec: {
            schedule: life.cron,
            timeZone: life.timeZone,
            concurrencyPolicy: "Forbid",
            // A run that nobody could start is left out.
            startingDeadlineSeconds: 60,
            successfulJobsHistoryLimit: 3,
            failedJobsHistoryLimit: 3,
            jobTemplate: { metadata: { labels }, spec: { backoffLimit: 0, template: template() } },
          },
        }),
      ];
    case "once":
      // The launcher restarts the service as its restart: says; when it has given up, it is over.
      return [manifest("batch/v1", "Job", own, labels, options, { spec: { backoffLimit: 0, template: template() } })];
    case "launcher":
      return storage === undefined
        ? [
            manifest("apps/v1", "Deployment", own, labels, options, {
              spec: {
                replicas: 1,
                // The old pod ends before the new one starts: never two of one service.
                strategy: { type: "Recreate" },
                selector: { matchLabels: selector },
                template: template(),
              },
            }),
          ]
        : [
            manifest("v1", "Service", own, labels, options, { spec: { clusterIP: "None", selector } }),
            manifest("apps/v1", "StatefulSet", own, labels, options, {
              spec: {
                serviceName: own,
                replicas: 1,
                selector: { matchLabels: selector },
                template: template(STATE_CLAIM),
                volumeClaimTemplates: [
                  {
                    metadata: { name: STATE_CLAIM },
                    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
                  },
                ],
              },
            }),
          ];
    default:
      return life satisfies never;
  }
}

function manifest(
  apiVersion: string,
  kind: string,
  name: string,
  labels: Record<string, string>,
  { namespace }: Pick<K8sOptions, "namespace">,
  rest: Record<string, unknown>,
) {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }), labels }, ...rest };
}

function commonLabels(name: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": "tcs",
    "app.kubernetes.io/instance": name,
    "app.kubernetes.io/part-of": name,
    "app.kubernetes.io/managed-by": "tcs-export",
  };
}
