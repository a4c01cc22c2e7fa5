// The compiled binary as a whole process, and things done several times.
import { tcsBinary } from "../support/binary.ts";

/** How long `tcs` takes from its start to its end, milliseconds. @throws Error when it fails */
export async function timeTcs(args: string[], options: { cwd?: string } = {}): Promise<number> {
  const began = performance.now();
  const child = Bun.spawn([tcsBinary(), ...args], { stdio: ["ignore", "ignore", "pipe"], ...options });
  const code = await child.exited;
  const took = performance.now() - began;
  if (code !== 0) {
    throw new Error(`tcs ${args.join(" ")} ended with ${code}: ${await new Response(child.stderr).text()}`);
  }
  return took;
}

export async function times<T>(runs: number, measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < runs; i++) results.push(await measure());
  return results;
}
