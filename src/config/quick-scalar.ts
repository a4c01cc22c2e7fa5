// What a plain scalar of the fast reader may begin with, and what it means.
import type { ScalarNode } from "./source-tree.ts";

export const PLAIN_START = /^(?:[A-Za-z0-9_./~$+(\\]|-[^ ])/;

/** YAML 1.2's core schema for a plain scalar; undefined for its rarer forms (hexadecimal, octal, infinity). */
export function resolvePlain(text: string): ScalarNode["value"] | undefined {
  if (/^[A-Za-z_/$(\\~]/.test(text)) {
    if (/^(?:~|null|Null|NULL)$/.test(text)) return null;
    if (/^(?:true|True|TRUE)$/.test(text)) return true;
    if (/^(?:false|False|FALSE)$/.test(text)) return false;
    return text;
  }
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
  if (/^(?:0[ox]|[-+]?\.(?:inf|nan)$)/i.test(text)) return undefined;
  return text;
}
