// The schema of a configuration file for editors: made from what is there, and kept beside it.
import { dirname, resolve } from "node:path";
import type { Written } from "../common/transaction.ts";
import { configFileSchema } from "../config/file-schema/file-schema.ts";
import { loadEnv } from "../config/index.ts";
import { builtinTypes } from "../entry/modules.ts";
import { WORKER_ENTRY } from "../entry/worker-url.ts";
import { workerHome } from "../launcher/index.ts";
import { findServices } from "../launcher/known-services.ts";
import { writeEditorSchema } from "../scaffold/editor-schema.ts";
import { jsonText } from "./display/status-json.ts";

export interface EditorSchema {
  /** JSON. */
  text: string;
  /** Services whose fields are not in it, and why: one line each. */
  notes: string[];
}

/** @param file the configuration, which need not be there */
export async function makeEditorSchema(file: string): Promise<EditorSchema> {
  const { services, notes } = await findServices({
    file,
    env: loadEnv(dirname(resolve(file)), process.env),
    builtinTypes,
    startWorker: workerHome(WORKER_ENTRY),
  });
  return { text: jsonText(configFileSchema(services)), notes };
}

/** Writes `.tcs/services.schema.json` beside `file`. @returns undefined when it is there as it is */
export async function refreshEditorSchema(file: string): Promise<Written | undefined> {
  // What it says of files that cannot be loaded yet is for another command to tell.
  const { text } = await makeEditorSchema(file);
  return writeEditorSchema(dirname(resolve(file)), `${text}\n`);
}
