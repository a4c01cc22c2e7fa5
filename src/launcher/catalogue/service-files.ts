// Files in which a service is looked for when nobody names them: by their place, and by how they look. Nothing is loaded.
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SERVICE_EXTENSIONS } from "../../config/module-files.ts";

/** Absolute, if `folder` is: those in the folder, then those in its `services/`. */
export function serviceFilesBeside(folder: string): string[] {
  return [folder, join(folder, "services")].flatMap((place) =>
    filesIn(place)
      .map((name) => join(place, name))
      .filter(looksLikeService),
  );
}

function filesIn(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // There is none, or it is not ours to see.
    return [];
  }
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).sort();
}

/** Others may do anything when they are loaded. */
function looksLikeService(path: string): boolean {
  if (!SERVICE_EXTENSIONS.some((known) => path.endsWith(known)) || /\.(test|spec|d)\.\w+$/.test(path)) return false;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // A link to nowhere, or not ours to read.
    return false;
  }
  const usesFramework = /\bfrom\s*["']ocabox-tcs["']/.test(text);
  return usesFramework && /@service\b|\bservice_?[cC]lass\b|\bextends\s+[\w.]*Service\b/.test(text);
}
