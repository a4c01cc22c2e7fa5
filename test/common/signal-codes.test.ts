import { expect, test } from "bun:test";
import { describeSignal, signalExitCode, signalName, signalNumber } from "../../src/common/signal-codes.ts";

test("a signal is known by its number, of several names by the usual one", () => {
  expect([9, 15, 6].map(signalName)).toEqual(["SIGKILL", "SIGTERM", "SIGABRT"]);
  expect([signalNumber("SIGKILL"), signalNumber(37)]).toEqual([9, 37]);
});

test("a number without a name is told as a number", () => {
  expect(signalName(64)).toBeUndefined();
  expect([describeSignal(64), describeSignal(11)]).toEqual(["signal 64", "SIGSEGV"]);
});

test("a program that ended by a signal has the exit code that shells give it", () => {
  expect([signalExitCode("SIGINT"), signalExitCode("SIGTERM")]).toEqual([130, 143]);
});
