import { expect, test } from "bun:test";
import { Screen } from "../../../src/cli/top/screen.ts";

const SIZE = { columns: 10, rows: 4 };

function open() {
  const written: string[] = [];
  const screen = new Screen((text) => written.push(text));
  /** What was written since the last look, the escape character as `^`. */
  const news = () => written.splice(0).join("").replaceAll("\u001b", "^");
  return { screen, news };
}

test("the first picture clears the screen and draws what is not empty", () => {
  const { screen, news } = open();
  screen.show(["one", "", "three"], SIZE);
  expect(news()).toBe("^[0m^[2J^[1;1Hone^[0m^[K^[3;1Hthree^[0m^[K");
});

test("after that only lines that have changed are written, and nothing when none has", () => {
  const { screen, news } = open();
  screen.show(["one", "two", "three"], SIZE);
  news();
  screen.show(["one", "TWO", "three"], SIZE);
  expect(news()).toBe("^[2;1HTWO^[0m^[K");
  screen.show(["one", "TWO", "three"], SIZE);
  expect(news()).toBe("");
  screen.show(["one", "TWO"], SIZE);
  expect(news()).toBe("^[3;1H^[0m^[K");
});

test("a line that fills its row, by its width, is not cut by the clearing behind it", () => {
  const { screen, news } = open();
  screen.show(["1234567890", "日本語日本", "\u001b[31m123456789\u001b[39m"], SIZE);
  expect(news()).toBe("^[0m^[2J^[1;1H1234567890^[2;1H日本語日本^[3;1H^[31m123456789^[39m^[0m^[K");
});

test("lines below the screen are not drawn; another size draws everything anew", () => {
  const { screen, news } = open();
  screen.show(["1", "2", "3", "4", "5"], SIZE);
  expect(news()).not.toContain("5");
  screen.show(["1", "2", "3", "4", "5"], { columns: 10, rows: 5 });
  expect(news()).toStartWith("^[0m^[2J^[1;1H1");
});

test("after something else has written there, everything is drawn anew", () => {
  const { screen, news } = open();
  screen.show(["one"], SIZE);
  news();
  screen.forget();
  screen.show(["one"], SIZE);
  expect(news()).toBe("^[0m^[2J^[1;1Hone^[0m^[K");
});
