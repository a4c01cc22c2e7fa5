// Buffers that small messages are gathered in, used again: an idle connection holds none.

/** Bytes of a slab: what goes to the kernel in one call. */
export const SLAB_BYTES = 128 * 1024;
/** Slabs kept for later. */
const MOST_KEPT = 16;

const kept: Buffer[] = [];

export function takeSlab(): Buffer {
  return kept.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
}

export function giveSlab(slab: Buffer): void {
  if (kept.length < MOST_KEPT) kept.push(slab);
}
