// Where the Worker entry is. It must stand beside worker.ts: in the compiled binary all modules lie flat.
export const WORKER_ENTRY: string = new URL("./worker.ts", import.meta.url).href;
