// Names on the wire: every part must be a legal NATS subject token.

/** What is wrong with `text` as one NATS subject token, or undefined if it is legal. */
export function tokenFault(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (/[\s]/u.test(text)) return "it contains white space";
  if (/[*>]/u.test(text)) return 'it contains "*" or ">", which are NATS wildcards';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/u.test(text)) return "it contains a control character";
  if (text.length > 128) return "it is longer than 128 characters";
  return undefined;
}

/** What is wrong with `text` as a variant (one token, no dots). */
export function variantFault(text: string): string | undefined {
  if (text.includes(".")) return "a variant may not contain dots";
  return tokenFault(text);
}

/** What is wrong with `text` as a service type or subject prefix (tokens joined by dots). */
export function dottedFault(text: string): string | undefined {
  if (text === "") return "it is empty";
  for (const token of text.split(".")) {
    const fault = tokenFault(token);
    if (fault) return token === "" ? "it has an empty part between dots" : fault;
  }
  return undefined;
}

/** What is wrong with `text` as a subject to read or hear: `*` may stand for a part, `>` for all that follow. */
export function filterFault(text: string): string | undefined {
  const parts = text.split(".");
  if (parts.slice(0, -1).includes(">")) return 'it has a ">" that is not its end';
  return dottedFault(parts.map((part) => (part === "*" || part === ">" ? "any" : part)).join("."));
}

/** `service_id` = `<service_type>.<variant>`. */
export function serviceId(type: string, variant: string): string {
  return `${type}.${variant}`;
}

/** The type and variant of a service id: the variant is the last token. */
export function splitServiceId(id: string): { type: string; variant: string } {
  const dot = id.lastIndexOf(".");
  return dot < 0 ? { type: id, variant: "" } : { type: id.slice(0, dot), variant: id.slice(dot + 1) };
}
