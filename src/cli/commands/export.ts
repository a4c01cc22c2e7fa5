// tcs export: a fleet as containers, written as files or to standard output.
import { ExitCode, UsageError } from "../../common/errors.ts";
import { configArg, verboseArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { repeatedOption } from "../strict-args.ts";

export default defineCommand({
  meta: { name: "export", description: "Write a fleet as containers: a Dockerfile, a compose file, or manifests" },
  examples: [
    ["tcs export docker --config fleet.yaml", "on standard output"],
    ["tcs export compose --config fleet.yaml --out exported", "into a folder"],
    ["tcs export k8s --config fleet.yaml --per service --out exported"],
  ],
  args: {
    what: { type: "positional", required: true, description: "docker, compose or k8s" },
    ...configArg,
    out: { type: "string", description: "Folder to write to (standard output)", valueHint: "FOLDER" },
    per: {
      type: "string",
      description: "A container for each: service, group or fleet (fleet); not with docker",
      valueHint: "SHARE",
    },
    name: { type: "string", description: "Name of the whole, in lower case (tcs)", valueHint: "NAME" },
    image: { type: "string", description: "Image of the containers (NAME:latest)", valueHint: "IMAGE" },
    base: { type: "string", description: "docker: image to build on (debian:bookworm-slim)", valueHint: "IMAGE" },
    broker: {
      type: "string",
      description: "compose, k8s: address of the broker (one named nats, unless the file names one elsewhere)",
      valueHint: "URL",
    },
    job: {
      type: "string",
      description: "compose, k8s: a service that does its work once, if its class does not say so (may be repeated)",
      valueHint: "SERVICE",
    },
    secret: {
      type: "string",
      description: "A variable that is secret, if its name does not say so (may be repeated)",
      valueHint: "VARIABLE",
    },
    files: {
      type: "string",
      description: "k8s: where the services' files are: configmap or image (configmap)",
      valueHint: "PLACE",
    },
    storage: {
      type: "string",
      description: "k8s: size of each launcher's lasting state, as 1Gi (none)",
      valueHint: "SIZE",
    },
    namespace: { type: "string", description: "k8s: namespace of all of it", valueHint: "NAME" },
    force: { type: "boolean", description: "Write over files that were changed by hand, too" },
    "dry-run": { type: "boolean", description: "Only say which files would be written" },
    ...verboseArg,
  },
  async run({ args, rawArgs }): Promise<number> {
    const { exportFleet, isTarget, TARGETS } = await import("../export-fleet.ts");
    const { what } = args;
    if (!isTarget(what)) {
      const { nearest } = await import("../../common/nearest.ts");
      const near = nearest(what, TARGETS);
      throw new UsageError(`tcs export: given "${what}", expected one of ${TARGETS.join(", ")}`, {
        ...(near !== undefined && { hint: `did you mean "${near}"?` }),
      });
    }
    await exportFleet({
      ...args,
      what,
      dryRun: args["dry-run"] ?? false,
      jobs: repeatedOption(rawArgs, "job"),
      secrets: repeatedOption(rawArgs, "secret"),
    });
    return ExitCode.ok;
  },
});
