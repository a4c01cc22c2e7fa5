// Draws the rooms of src/ in docs/architecture.md anew: `bun test/docs/draw-rooms.ts`, when a room imports another one.
import { join } from "node:path";
import { drawRooms, readImports, withPicture } from "./imports.ts";
import { ROOT } from "./markdown.ts";

const path = join(ROOT, "docs/architecture.md");
await Bun.write(path, withPicture(await Bun.file(path).text(), drawRooms(await readImports())));
