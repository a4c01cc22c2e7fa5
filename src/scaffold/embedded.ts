// The archive of types as a file of this program: inside the executable, in .cache/ from source. Import it lazily.
import path from "../../.cache/scaffold/types.zst" with { type: "file" };

export const archivePath: string = path;
