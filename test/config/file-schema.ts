// The schema of configuration files, as an editor would use it: what it has to say against a text.

import type { ErrorObject } from "ajv";
import Ajv from "ajv";
import { parse } from "yaml";
import type { JsonObject } from "../../src/common/json.ts";
import { configFileSchema } from "../../src/config/file-schema/file-schema.ts";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { hostModules } from "../../src/entry/modules.ts";
import { ServiceLoader } from "../../src/host/loader.ts";

/** Of the services inside tcs, with their own fields. */
export const FILE_SCHEMA = configFileSchema(
  await Promise.all(
    Object.keys(hostModules.builtins).map(async (type) => {
      const { config } = await new ServiceLoader(hostModules).load({ kind: "builtin", type }, type);
      return { type, schema: JSON.parse(JSON.stringify(configJsonSchema(config))) as JsonObject }; // as it travels
    }),
  ),
);

const validate = new Ajv({ strict: false, allErrors: true }).compile(FILE_SCHEMA);

/** Empty: it is right. */
export function faultsOf(text: string): string[] {
  validate(parse(text, { merge: true }));
  return (validate.errors ?? []).map(({ instancePath, message }: ErrorObject) => `${instancePath}: ${message}`);
}
