import { expect, test } from "bun:test";
import { InPlace } from "../../../src/cli/watch/in-place.ts";

const SIZE = { columns: 10, rows: 24 };

function open() {
  const written: string[] = [];
  const place = new InPlace((text) => written.push(text));
  const news = () => written.splice(0).join("").replaceAll("\u001b", "^").replaceAll("\r\n", "|");
  return { place, news };
}

test("lines are written below what was there, then only those that have changed", () => {
  const { place, news } = open();
  place.show(["one", "two", "1234567890"], SIZE);
  expect(news()).toBe("one^[K|two^[K|1234567890|");
  place.show(["one", "TWO", "1234567890"], SIZE);
  expect(news()).toBe("^[3A\r|TWO^[K||");
  place.show(["one", "TWO", "1234567890"], SIZE);
  expect(news()).toBe("");
});

test("lines that are no longer there are cleared, more are added", () => {
  const { place, news } = open();
  place.show(["one", "two"], SIZE);
  news();
  place.show(["one"], SIZE);
  expect(news()).toBe("^[2A\r|^[J");
  place.show(["one", "two", "three"], SIZE);
  expect(news()).toBe("^[1A\r|two^[K|three^[K|");
});

test("a terminal that has got another size is cleared: our lines may be anywhere", () => {
  const { place, news } = open();
  place.show(["one", "two"], SIZE);
  news();
  place.show(["one", "two"], { columns: 9, rows: 24 });
  expect(news()).toBe("^[H^[Jone^[K|two^[K|");
});

test("after something else has written there, lines are drawn below that", () => {
  const { place, news } = open();
  place.show(["one", "two"], SIZE);
  news();
  place.forget();
  place.show(["one", "two"], SIZE);
  expect(news()).toBe("one^[K|two^[K|");
});
