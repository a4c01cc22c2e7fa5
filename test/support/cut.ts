// A way to the broker that is cut at a message.
import { connect, createServer, type Socket } from "node:net";

/** The way is cut when messages with `text` have been sent so many times, before the last of them arrives. */
export async function cutAt(port: number, text: string, count: number): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createServer((client) => {
    const broker = connect(port, "127.0.0.1");
    for (const socket of [client, broker]) {
      sockets.add(socket);
      // Its close is what matters.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        broker.destroy();
      });
    }
    broker.on("data", (chunk) => client.write(chunk));
    client.on("data", (chunk) => {
      if (chunk.includes(text)) sent += 1;
      if (sent >= count) client.destroy();
      else broker.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
