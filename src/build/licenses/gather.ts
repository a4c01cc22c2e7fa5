// Everything that others have written in one executable, with its license: runtime, broker, npm packages, types.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inOrder, type ThirdParty } from "../../cli/licenses/third-party.ts";
import { PACKAGES_OF_TYPES } from "../../scaffold/assets.ts";
import type { FetchedBroker } from "../fetch-broker.ts";
import { describeGo, describeModule, goModules } from "./go-modules.ts";
import { describePackage, packageFolders } from "./npm-packages.ts";
import { textOf } from "./spdx.ts";

const NODE_MODULES = join(import.meta.dir, "../../../node_modules");
/** What Bun says of itself and of what it links; part of its documentation, in the package of its types. */
const BUN_LICENSE = join(NODE_MODULES, "bun-types/docs/project/license.mdx");

/** @param modules paths of all that was bundled. @throws TcsError when a license is unknown */
export function gatherThirdParties(modules: Iterable<string>, broker: FetchedBroker | undefined): ThirdParty[] {
  const packages = [...packageFolders(modules)].map((folder) => describePackage(folder, "package"));
  const known = new Set(packages.map(({ name, version }) => `${name} ${version}`));
  const types = PACKAGES_OF_TYPES.map((name) => describePackage(join(NODE_MODULES, name), "types"));
  return inOrder([
    describeBun(),
    ...(broker ? describeBroker(broker) : []),
    ...packages,
    ...types.filter(({ name, version }) => !known.has(`${name} ${version}`)),
  ]);
}

function describeBun(): ThirdParty {
  const [, , own = ""] = readFileSync(BUN_LICENSE, "utf8").split(/^---$/m);
  const text = [
    own.trim(),
    textOf("MIT", "Copyright (c) Oven"),
    textOf("LGPL-2.0-or-later", "JavaScriptCore and WebCore, parts of WebKit:"),
    textOf("LGPL-2.1-or-later", "TinyCC:"),
    textOf("Apache-2.0", "simdutf, uSockets, uWebSockets, highway and others:"),
  ].join(`\n\n${RULE}\n\n`);
  return { name: "bun", version: Bun.version, license: "MIT AND LGPL-2.0-or-later", part: "runtime", text };
}

const RULE = "-".repeat(72);

function describeBroker(broker: FetchedBroker): ThirdParty[] {
  const { go, modules } = goModules(broker.path, broker.builtUsing);
  const given = broker.copyright && existsSync(broker.copyright) ? readFileSync(broker.copyright, "utf8").trim() : "";
  const whole = textOf("Apache-2.0", given === "" ? "Copyright The NATS Authors" : `${given}\n\n${RULE}`);
  return [
    {
      name: "nats-server",
      version: broker.version,
      license: "Apache-2.0",
      part: "broker",
      // Debian's file tells whose work it is, and refers to the license.
      text: /TERMS AND CONDITIONS/.test(given) ? given : whole,
    },
    ...(go === undefined ? [] : [describeGo(go)]),
    ...modules.map(describeModule),
  ];
}
