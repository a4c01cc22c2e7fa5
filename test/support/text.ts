// Reading what a process writes, as it comes.

/** The text of a stream, in the pieces it arrives in. */
export async function* textChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) yield decoder.decode(chunk, { stream: true });
}

/** The first line of a stream, without its end. @throws Error when it ends before */
export async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of textChunks(stream)) {
    text += chunk;
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error(`it ended without a line: ${text}`);
}
