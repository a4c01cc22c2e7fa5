// Reads a child's output line by line, always: a full pipe would block the child.

/** Longer lines are told in pieces, so that a child cannot fill the launcher's memory. */
const LONGEST_LINE = 64 * 1024;

/** Calls `onLine` for each line of `stream`, without line ends. Resolves at its end. */
export async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const tell = (line: string) => {
    if (line !== "") onLine(line);
  };
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) tell(line);
    if (rest.length > LONGEST_LINE) {
      tell(rest);
      rest = "";
    }
  }
  tell(rest + decoder.decode());
}
