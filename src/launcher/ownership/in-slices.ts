// Questions to the broker by the hundred: all of them, a bounded number at a time.

/** At most so many questions at once. */
const AT_ONCE = 500;

export async function inSlices<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    await Promise.all(items.slice(from, from + AT_ONCE).map(work));
  }
}
