// The pod of a unit: one launcher, without rights, probed without the broker.
import { commandOf, fixedEnvironment } from "./command.ts";
import { ALIVE, APP_FOLDER, READY, SECRETS_FOLDER, STATE_FOLDER, UID } from "./layout.ts";
import { fullName } from "./names.ts";
import type { ExportOptions, Unit, Variable } from "./types.ts";

export interface PodOptions extends ExportOptions {
  /** The files of the configuration in a ConfigMap; undefined: they are in the image. */
  files: { configMap: string; items: readonly { key: string; path: string }[] } | undefined;
  /** Name of the ConfigMap with the variables, and of the Secret. */
  environmentName: string;
  secretName: string;
  /** The state is a claim of that name, made for each pod; else it is lost with the pod. */
  stateClaim: string | undefined;
}

/** `spec` of a pod. */
export function podSpec(unit: Unit, options: PodOptions) {
  const { files, secretName, stateClaim } = options;
  const secrets = unit.variables.filter(({ secret }) => secret);
  const isLauncher = unit.life.kind === "launcher";
  return {
    // The launcher's id has it: a new pod is the same launcher.
    hostname: fullName(options, unit),
    automountServiceAccountToken: false,
    // A service named "nats" would put NATS_PORT=tcp://… into the environment, which tcs reads.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: unit.graceSeconds,
    ...(!isLauncher && { restartPolicy: "Never" }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: UID,
      runAsGroup: UID,
      fsGroup: UID,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "tcs",
        image: options.image,
        command: commandOf(unit, options),
        workingDir: APP_FOLDER,
        env: environment(unit, options),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: {
          requests: { cpu: "100m", memory: `${Math.ceil(unit.memoryMiB / 2)}Mi` },
          limits: { memory: `${unit.memoryMiB}Mi` },
        },
        startupProbe: { exec: { command: [...ALIVE] }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 },
        livenessProbe: { exec: { command: [...ALIVE] }, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
        ...(isLauncher && {
          readinessProbe: { exec: { command: [...READY] }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
        }),
        volumeMounts: [
          { name: stateClaim ?? "state", mountPath: STATE_FOLDER },
          { name: "tmp", mountPath: "/tmp" },
          ...(files ? [{ name: "app", mountPath: APP_FOLDER, readOnly: true }] : []),
          ...(secrets.length > 0 ? [{ name: "secrets", mountPath: SECRETS_FOLDER, readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      ...(stateClaim === undefined ? [{ name: "state", emptyDir: {} }] : []),
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ...(files ? [{ name: "app", configMap: { name: files.configMap, items: [...files.items] } }] : []),
      ...(secrets.length > 0 ? [{ name: "secrets", projected: secretVolume(secretName, secrets) }] : []),
    ],
  };
}

/** Only the keys that this unit needs, each a file, readable by the group of the pod; the optional ones may be missing. */
function secretVolume(secretName: string, secrets: readonly Variable[]) {
  const sources = [false, true].flatMap((isOptional) => {
    const items = secrets
      .filter(({ optional }) => optional === isOptional)
      .map(({ name }) => ({ key: name, path: name }));
    return items.length === 0 ? [] : [{ secret: { name: secretName, items, ...(isOptional && { optional: true }) } }];
  });
  return { defaultMode: 0o440, sources };
}

function environment(unit: Unit, { environmentName, broker }: PodOptions) {
  const fixed = Object.entries(fixedEnvironment(unit, { broker })).map(([name, value]) => ({ name, value }));
  const plain = unit.variables
    .filter(({ secret }) => !secret)
    .map(({ name, optional }) => ({
      name,
      valueFrom: { configMapKeyRef: { name: environmentName, key: name, ...(optional && { optional: true }) } },
    }));
  return [...fixed, ...plain];
}
