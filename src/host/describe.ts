// What there is to know of services without making any: their types, what they are for, the fields they take.
import { readFileSync } from "node:fs";
import { describeError } from "../common/errors.ts";
import { type ConfigFieldAbout, describeFields } from "../config/describe-fields.ts";
import type { ModuleRef } from "../config/types.ts";
import { BaseSingleShotService, registrationOf, servicesRegisteredBy } from "../service/index.ts";
import type { LoadedService, ServiceSource } from "./loader.ts";

export interface ServiceAbout {
  type: string;
  /** What it is for, one line or a few; by its decorator, or a comment in its file. */
  description?: string;
  kind: "permanent" | "single-shot";
  /** Of its own; those of every service are left out. */
  fields: ConfigFieldAbout[];
  note?: string;
}

/** A module to look into. */
export interface ModuleToDescribe {
  module: ModuleRef;
  /** The type asked for, or the one that its name stands for. */
  type: string;
  /** All types that it registers are meant, whatever they are called. */
  all: boolean;
}

export type DescribeResult = { ok: true; services: ServiceAbout[] } | { ok: false; error: string };

/** Loads the module. Never rejects. */
export async function describeModule(loader: ServiceSource, asked: ModuleToDescribe): Promise<DescribeResult> {
  const { module, type, all } = asked;
  try {
    return { ok: true, services: [about(type, module, await loader.load(module, type))] };
  } catch (error) {
    const types = all && module.kind === "file" ? registeredTypes(module.path) : [];
    if (types.length === 0) return { ok: false, error: describeError(error) };
    return await describeTypes(loader, module, types);
  }
}

async function describeTypes(loader: ServiceSource, module: ModuleRef, types: string[]): Promise<DescribeResult> {
  try {
    const found = await Promise.all(types.map(async (type) => about(type, module, await loader.load(module, type))));
    return { ok: true, services: found };
  } catch (error) {
    return { ok: false, error: describeError(error) };
  }
}

function registeredTypes(path: string): string[] {
  return [...new Set(servicesRegisteredBy(path).flatMap((one) => registrationOf(one)?.type ?? []))];
}

function about(type: string, module: ModuleRef, { serviceClass, config, note }: LoadedService): ServiceAbout {
  const text = module.kind === "file" ? readFileSync(module.path, "utf8") : "";
  const description = registrationOf(serviceClass)?.description ?? commentOn(serviceClass.name, text);
  return {
    type,
    ...(description !== undefined && { description }),
    kind: serviceClass.prototype instanceof BaseSingleShotService ? "single-shot" : "permanent",
    fields: describeFields(config).map((field) => ({ ...described(field.name, text), ...field })),
    ...(note !== undefined && { note }),
  };
}

/** The comment before the class, or else the one that the file begins with. */
export function commentOn(className: string, text: string): string | undefined {
  const before = new RegExp(
    `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:@[^\\n]*\\n\\s*)*export\\s+(?:default\\s+)?class\\s+${className}\\b`,
  );
  const [, block = ""] = before.exec(text) ?? [];
  const words = plainText(block.replaceAll(/^\s*\* ?/gm, ""));
  if (words !== "") return words;
  const [, first = ""] =
    /^(?:#![^\n]*\n)?\s*\/\/ ?([^\n]+)/.exec(text) ?? /^(?:#![^\n]*\n)?\s*\/\*+([\s\S]*?)\*\//.exec(text) ?? [];
  return plainText(first.replaceAll(/^\s*\* ?/gm, "")) || undefined;
}

/** The comment on a field of a schema: before it, or behind it on its line. */
function described(name: string, text: string): { description?: string } {
  const before = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*${name}\\s*:\\s*z\\b`).exec(text)?.[1];
  const behind = new RegExp(`^\\s*${name}\\s*:\\s*z\\b[^\\n]*?,\\s*// ?([^\\n]+)$`, "m").exec(text)?.[1];
  const description = plainText((before ?? behind ?? "").replaceAll(/^\s*\* ?/gm, ""));
  return description === "" ? {} : { description };
}

/** The first paragraph, on one line; tags are for other tools. */
function plainText(comment: string): string {
  const [paragraph = ""] = comment.trim().split(/\n\s*\n|\n\s*@/);
  return paragraph.startsWith("@") ? "" : paragraph.replaceAll(/\s+/g, " ").trim();
}
