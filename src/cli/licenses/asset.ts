// The licenses of what others have written in this tcs. The build replaces this module by one that embeds the texts
// (src/build/licenses/embed.ts); what stands here serves a tcs run from source, which has nothing of others inside.

export type LicensesAsset =
  /** The archive of texts, inside the executable. */
  { kind: "embedded"; path: string } | { kind: "none" };

export const licensesAsset: LicensesAsset = { kind: "none" };
