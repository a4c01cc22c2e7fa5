// Values of services that are kept on the broker, and their schemas.
export { ConfigStore, type Stored } from "./config-store.ts";
export { type DocumentEntry, documentOf, readDocument } from "./document.ts";
export { difference, type FieldDifference, flatten, stepsOf, valueAt, withValue } from "./fields.ts";
export { type FollowerOptions, ValueFollower } from "./follower.ts";
export { configBucketName, keyOf, schemaBucketName, scopeWords } from "./names.ts";
export { KnownSchemas, SchemaStore, type ScopedSchema } from "./schema-store.ts";
export { decodeSetting, overlayEntry, type ReadSetting, type Setting } from "./setting.ts";
export { readValues, type StoredValue } from "./stored-values.ts";
