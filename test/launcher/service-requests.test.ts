// Requests on their way through a launcher are all answered, also for services that cannot.
import { expect, test } from "bun:test";
import type { ToHost } from "../../src/host/protocol.ts";
import { ServiceRequests } from "../../src/launcher/service-requests.ts";

function asked(takenLimitMs?: number) {
  const requests = new ServiceRequests("cam.main", takenLimitMs);
  const sent: ToHost[] = [];
  const answer = requests.ask((message) => sent.push(message), "health", { n: 1 });
  return { requests, sent, answer };
}

test("a request goes to the host with a number, and its answer comes back", async () => {
  const { requests, sent, answer } = asked();
  expect(sent).toEqual([{ kind: "rpc", id: "cam.main", requestId: 1, command: "health", data: { n: 1 } }]);
  requests.onMessage({ kind: "rpc-reply", id: "cam.main", requestId: 9, data: { wrong: true } });
  requests.onMessage({ kind: "rpc-begun", id: "cam.main", requestId: 1 });
  requests.onMessage({ kind: "rpc-reply", id: "cam.main", requestId: 1, data: { fine: true } });
  expect(await answer).toEqual({ fine: true });
});

test("an error of the service is passed on in its words", async () => {
  const { requests, answer } = asked();
  requests.onMessage({ kind: "rpc-reply", id: "cam.main", requestId: 1, error: "shutter stuck" });
  await expect(answer).rejects.toThrow(/^shutter stuck$/);
});

test("a loop that does not look at it in time hangs; one that has looked may take longer", async () => {
  await expect(asked(20).answer).rejects.toThrow(
    "cam.main does not answer: its event loop has not looked at the request within 0.02 s",
  );
  const { requests, answer } = asked(20);
  requests.onMessage({ kind: "rpc-begun", id: "cam.main", requestId: 1 });
  await Bun.sleep(60);
  requests.onMessage({ kind: "rpc-reply", id: "cam.main", requestId: 1, data: { slow: true } });
  expect(await answer).toEqual({ slow: true });
});

test("when the service ends, whoever still waits is told", async () => {
  const { requests, answer } = asked();
  requests.abandon("it ended");
  await expect(answer).rejects.toThrow("cam.main does not answer: it ended");
});
