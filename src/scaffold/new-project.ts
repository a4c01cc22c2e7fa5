// `tcs new project`: a project of its own for services, ready to run, to test and to be installed by npm.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import gitignore from "../../generators/templates/project/gitignore.hbs" with { type: "text" };
import packageJson from "../../generators/templates/project/package.json.hbs" with { type: "text" };
import readme from "../../generators/templates/project/README.md.hbs" with { type: "text" };
import servicesYaml from "../../generators/templates/project/services.yaml.hbs" with { type: "text" };
import tsconfig from "../../generators/templates/project/tsconfig.json.hbs" with { type: "text" };
import testTemplate from "../../generators/templates/service.test.ts.hbs" with { type: "text" };
import { dependencies, devDependencies, version } from "../../package.json" with { type: "json" };
import { UsageError } from "../common/errors.ts";
import { type FileEntry, writeAll } from "../common/transaction.ts";
import { editorSupport } from "./editor.ts";
import { parseKind, SERVICE_KINDS } from "./kinds.ts";
import { serviceNames } from "./names.ts";
import { FileExistsError, type Render, type Scaffolded } from "./new-service.ts";
import type { ServiceKind } from "./service-kind.ts";

export interface NewProject {
  /** Name of the package, with or without a scope: `dome_control`, `@obs/dome-control`. */
  name: string;
  kind: string;
  /** The folder in which the project's own is made. */
  folder: string;
}

export interface ScaffoldedProject extends Scaffolded {
  /** Absolute path. */
  folder: string;
  type: string;
}

/**
 * Makes a project with one service: all of its files, or none.
 * @throws ServiceNameError, UsageError, FileExistsError, WriteError
 */
export async function newProject(
  { name, kind: kindName, folder }: NewProject,
  render: Render,
): Promise<ScaffoldedProject> {
  const [scope = "", base = name] = /^(@[^/]*\/)?(.*)$/s.exec(name)?.slice(1) ?? [];
  if (!/^(@[a-z0-9~-][a-z0-9._~-]*\/)?$/.test(scope)) {
    throw new UsageError(`${JSON.stringify(scope)} cannot be the scope of a package`, { hint: "for example @obs/" });
  }
  const names = serviceNames(base);
  // npm knows no capitals.
  const own = /^[a-z0-9][a-z0-9._-]*$/.test(base) ? base : names.type;
  const root = resolve(folder, own);
  if (existsSync(root) && !isEmptyFolder(root)) {
    throw new FileExistsError(`${root} exists already, and is no empty folder`, {
      hint: "nothing was written; choose another name, or another folder with --dir",
    });
  }
  const {
    template,
    test = testTemplate,
    field,
    trial,
    row = {},
    message,
  }: ServiceKind = SERVICE_KINDS[parseKind(kindName)];
  const service = { ...names, field: field.name, value: field.value, trial, row, message };
  const data = {
    ...service,
    package: `${scope}${own}`,
    folder: own,
    version,
    zod: dependencies.zod,
    bunTypes: devDependencies["@types/bun"],
    typescript: devDependencies.typescript,
  };
  const file = (path: string, text: string, mode?: number): FileEntry => ({
    kind: "file",
    path: join(root, path),
    content: render(text, data),
    replaces: "nothing",
    ...(mode === undefined ? {} : { mode }),
  });
  const { entries, notes } = await editorSupport(root, tsconfig);
  const files = writeAll([
    file("package.json", packageJson),
    file("tsconfig.json", tsconfig),
    file("services.yaml", servicesYaml),
    // Executable, for its first line.
    file(`src/${names.type}.ts`, template, 0o777 & ~process.umask()),
    file(`src/${names.type}.test.ts`, test),
    file("README.md", readme),
    file(".gitignore", gitignore),
    ...entries,
  ]);
  return { id: `${names.type}.main`, type: names.type, folder: root, files, notes };
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}
