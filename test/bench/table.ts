// Figures as text.

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Median, least and greatest of what was measured, as cells. */
export function row(name: string, figures: readonly number[], unit: string): string[] {
  const digits = Math.max(...figures) < 10 ? 2 : 1;
  return [name, ...[median(figures), Math.min(...figures), Math.max(...figures)].map((n) => n.toFixed(digits)), unit];
}

/** The same of the quotients of what was measured side by side. */
export function ratioRow(name: string, figures: readonly number[], beside: readonly number[]): string[] {
  return row(
    name,
    figures.map((figure, i) => figure / (beside[i] ?? Number.NaN)),
    "x",
  );
}

/** A plain table: first column left, the others right. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) =>
        column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return `${all.map(line).join("\n")}\n`;
}
