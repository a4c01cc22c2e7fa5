// tcs dashboard, as it is typed: its address, its token, and what is wrong with them.
import { expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";

const TOKEN = "0123456789abcdef0123";

test("it prints its address with a token, and ends at Ctrl-C", async () => {
  await using broker = await startNats();
  const port = await freePort();
  await using tcs = spawnTcs(["dashboard", "--port", `${port}`, "--host", broker.url]);
  const [, token = ""] = await tcs.waitForLine(new RegExp(`^http://127\\.0\\.0\\.1:${port}/#token=(\\S+)$`, "m"));
  expect(token.length).toBeGreaterThanOrEqual(32);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  tcs.signal("SIGINT");
  expect(await tcs.exited).toBe(130);
  // Standard output is the address, nothing else.
  expect(tcs.stdout.trim().split("\n")).toHaveLength(1);
});

test("a token that it was given is never written", async () => {
  await using broker = await startNats();
  const port = await freePort();
  await using tcs = spawnTcs(["dashboard", "--port", `${port}`, "--host", broker.url, "--listen", "0.0.0.0"], {
    env: { TCS_DASHBOARD_TOKEN: TOKEN },
  });
  await tcs.waitForLine(/^http:\/\/\S+\/$/m);
  await tcs.waitForLine(/not encrypted/);
  tcs.signal("SIGTERM");
  expect(await tcs.exited).toBe(143);
  expect(tcs.stdout + tcs.stderr).not.toContain(TOKEN);
});

test("with --read-only there is no token to give", async () => {
  await using broker = await startNats();
  const port = await freePort();
  await using tcs = spawnTcs(["dashboard", "--read-only", "--port", `${port}`, "--host", broker.url]);
  await tcs.waitForLine(/^http:\/\/127\.0\.0\.1:\d+\/$/m);
});

test.each([
  ["--listen 0.0.0.0 without a token", ["--listen", "0.0.0.0"], {}, 2, /there is no token\n +set TCS_DASHBOARD_TOKEN/],
  ["--listen :: without a token", ["--listen", "::"], {}, 2, /there is no token/],
  ["a short token", [], { TCS_DASHBOARD_TOKEN: "hunter2" }, 2, /given 7 characters, expected 16 or more/],
  ["a token with blanks", [], { TCS_DASHBOARD_TOKEN: "correct horse battery" }, 2, /without blanks/],
  ["a port that is none", ["--port", "http"], {}, 2, /--port: given "http", expected a port number/],
  ["an address of another host", ["--listen", "192.0.2.7"], { TCS_DASHBOARD_TOKEN: TOKEN }, 1, /no such address/],
  ["an address that is none", ["--listen", "not an address"], { TCS_DASHBOARD_TOKEN: TOKEN }, 1, /no such address/],
] as const)("%s is an error that says what to do", async (_, args, env, code, words) => {
  const { stderr, ...rest } = await runTcs(["dashboard", "--host", "127.0.0.1:9", ...args], { env });
  expect(rest).toEqual({ code, stdout: "" });
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/hunter2|horse/);
});

test("a port that is taken is an error that says so", async () => {
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { code, stderr, stdout } = await runTcs(["dashboard", "--port", `${other.port}`, "--host", "127.0.0.1:9"]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/port \d+: another program has this port\n +choose another port with --port/);
});
