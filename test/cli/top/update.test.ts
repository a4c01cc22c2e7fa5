import { describe, expect, test } from "bun:test";
import type { TopInput } from "../../../src/cli/top/state.ts";
import { FakeFleet, NOW } from "../../client/fleet.ts";
import { FakeTop, fleetOf, LAUNCHER } from "./support.ts";

describe("keys move the selection", () => {
  test.each([
    ["at first the first row", [], LAUNCHER],
    ["j, k, arrows", ["j", "j", "down", "k"], "n01.main"],
    ["not above the first", ["k", "up", "pageup"], LAUNCHER],
    ["G, end: the last", ["G"], "n49.main"],
    ["not below the last", ["end", "j", "pagedown"], "n49.main"],
    ["g, home: the first", ["G", "g"], LAUNCHER],
    // 24 rows: two of head, the headings, the foot.
    ["a page", ["pagedown"], "n19.main"],
    ["a page back", ["G", "pageup"], "n29.main"],
  ])("%s", (_, keys, selected) => {
    const top = new FakeTop().see(fleetOf(50)).press(...keys);
    expect(top.selected).toBe(selected);
    expect(top.lines.filter((line) => line.startsWith("▸"))).toHaveLength(1);
  });

  test("of no rows does nothing", () => {
    const top = new FakeTop().see(new FakeFleet()).press("j", "G", "k", "pagedown", " ", "r", "l", "w");
    expect(top.selected).toBeUndefined();
    expect(top.effects()).toEqual([]);
  });
});

describe("the selection goes with its service", () => {
  test("when others come before it, and stays in sight", () => {
    const top = new FakeTop({ columns: 80, rows: 8 }).see(fleetOf(20)).press("j", "j", "j");
    expect(top.selected).toBe("n02.main");
    const more = fleetOf(20);
    for (let i = 0; i < 30; i++) more.healthy(`a${i}.main`);
    top.see(more);
    expect(top.selected).toBe("n02.main");
    expect(top.lines.find((line) => line.startsWith("▸"))).toContain("n02.main");
  });

  test("when it goes it stays where it was", () => {
    const top = new FakeTop().see(fleetOf(5)).press("j", "j", "j");
    expect(top.selected).toBe("n02.main");
    const fewer = new FakeFleet().launcher();
    for (const i of [0, 1, 3, 4]) fewer.healthy(`n0${i}.main`);
    expect(top.see(fewer).selected).toBe("n03.main");
    expect(top.see(new FakeFleet().launcher()).selected).toBe(LAUNCHER);
  });
});

describe("the filter", () => {
  const fleet = new FakeFleet().launcher().healthy("dome.main").healthy("camera.red").healthy("camera.blue");

  test("shows what contains the word while it is typed; Enter keeps it", () => {
    const top = new FakeTop().see(fleet).press("/").type("camera");
    expect(top.lines.filter((line) => line.includes("dome"))).toEqual([]);
    expect(top.foot).toContain("/camera");
    top.press("backspace", "enter");
    expect(top.state).toMatchObject({ filter: "camer", mode: { kind: "list" } });
    expect(top.foot).toContain("/camer");
  });

  test("keys are letters while it is typed; Esc takes it back", () => {
    const top = new FakeTop().see(fleet).press("/").type("dome").press("enter", "/").type("qrs");
    expect(top.effects()).toEqual([]);
    expect(top.state.filter).toBe("domeqrs");
    expect(top.lines.join()).toContain('no id contains "domeqrs"');
    expect(top.press("escape").state.filter).toBe("dome");
    expect(top.press("escape").state.filter).toBe("");
  });

  test("ctrl-u clears it; what is no letter of an id is not taken", () => {
    const top = new FakeTop().see(fleet).press("/").type("x y").press("tab", "up", "ctrl-u");
    expect(top.state).toMatchObject({ filter: "", mode: { kind: "filter" } });
  });
});

describe("what is pasted", () => {
  test("is no order, and no answer to a question", () => {
    const top = new FakeTop().see(fleetOf(2)).press("j", "paste ry", "r", "paste y");
    expect(top.effects()).toEqual([]);
    expect(top.foot).toContain("nothing was done");
  });

  test("is a filter where one is typed, without blanks and the like", () => {
    expect(new FakeTop().see(fleetOf(2)).press("/", "n", "paste 0\u001b1.main\n").state.filter).toBe("n01.main");
  });
});

describe("order, what is hidden, and folds", () => {
  const fleet = new FakeFleet()
    .launcher()
    .healthy("b.late", 10, 9)
    .healthy("a.well", 500, 1)
    .healthy("c.broken", 900, 800)
    .event("c.broken", "crashed", 790, { status: "failed", exit_code: 1, will_restart: false })
    .healthy("d.done", 900, 800)
    .event("d.done", "stop", 790, { status: "shutdown", reason: "completed" });
  const names = (top: FakeTop) =>
    top.lines.slice(3).flatMap((line) => /\b([abcd]\.\w+|launcher)\b/.exec(line)?.[1] ?? []);

  test.each([
    [0, ["launcher", "a.well", "b.late", "c.broken"]],
    [1, ["c.broken", "a.well", "b.late", "launcher"]],
    [2, ["a.well", "b.late", "c.broken", "launcher"]],
    [3, ["c.broken", "b.late", "launcher", "a.well"]],
    [4, ["b.late", "a.well", "c.broken", "launcher"]],
    [5, ["launcher", "a.well", "b.late", "c.broken"]],
  ])("after %i times o", (times, expected) => {
    const top = new FakeTop().see(fleet).press(...Array.from({ length: times }, () => "o"));
    expect(names(top)).toEqual(expected);
  });

  test("a shows what is stopped too, and again not", () => {
    const top = new FakeTop().see(fleet).press("a");
    expect(names(top)).toContain("d.done");
    expect(names(top.press("a"))).not.toContain("d.done");
  });

  test("a launcher is folded and unfolded", () => {
    const top = new FakeTop().see(fleet).press(" ");
    expect(names(top)).toEqual(["launcher"]);
    expect(top.lines.join("\n")).toContain("[+3]");
    expect(names(top.press("enter"))).toHaveLength(4);
  });
});

describe("orders", () => {
  test.each([
    ["r", "restart"],
    ["s", "stop"],
    ["S", "start"],
  ] as const)("%s asks first, and %ss with y", (key, verb) => {
    const top = new FakeTop().see(fleetOf(2)).press("j", key);
    expect(top.foot).toBe(`${verb} n00.main?  y: yes, any other key: no`);
    expect(top.effects()).toEqual([]);
    expect(top.press("y").effects()).toEqual([{ type: "order", verb, id: "n00.main" }]);
    expect(top.state.mode.kind).toBe("list");
  });

  test.each(["n", "escape", "enter", "j", "r", " "])("with %p nothing is done", (key) => {
    const top = new FakeTop().see(fleetOf(2)).press("j", "s", key);
    expect(top.effects()).toEqual([]);
    expect(top.foot).toContain("nothing was done");
    expect(top.selected).toBe("n00.main");
  });

  test("the one that was asked for is meant, wherever the selection has gone", () => {
    const top = new FakeTop().see(fleetOf(2)).press("j", "s").see(new FakeFleet().launcher()).press("y");
    expect(top.effects()).toEqual([{ type: "order", verb: "stop", id: "n00.main" }]);
  });

  test("a launcher takes none; nor is one taken without a connection", () => {
    const top = new FakeTop().see(fleetOf(2)).press("r");
    expect(top.foot).toContain("choose one of its services");
    top.see(fleetOf(2), { state: "away" }).press("j", "r");
    expect(top.foot).toContain("no connection");
    expect(top.press("y").effects()).toEqual([]);
  });

  test("what became of it is told for ten seconds", () => {
    const top = new FakeTop().see(fleetOf(2)).take({ type: "notice", text: "n00.main stopped", style: "dim" });
    expect(top.foot).toBe("n00.main stopped");
    top.see(fleetOf(2), {}, NOW + 9_000);
    expect(top.foot).toBe("n00.main stopped");
    top.see(fleetOf(2), {}, NOW + 10_000);
    expect(top.foot).toStartWith("? help");
  });
});

describe("panes", () => {
  const lines = (n: number, from = 0) => Array.from({ length: n }, (_, i) => ({ text: `line ${from + i}` }));
  const log = (top: FakeTop, n: number, added: boolean, from = 0): FakeTop =>
    top.take({ type: "lines", kind: "log", id: "n00.main", lines: lines(n, from), added } satisfies TopInput);

  test("l follows a log; Esc ends it", () => {
    const top = new FakeTop().see(fleetOf(2)).press("j", "l");
    expect(top.effects()).toEqual([{ type: "log", id: "n00.main" }]);
    log(top, 50, false);
    expect(top.lines[2]).toBe("Log of n00.main, live");
    expect(top.lines.at(-2)).toBe("line 49");
    log(top, 2, true, 50);
    expect(top.lines.at(-2)).toBe("line 51");
    expect(top.press("escape").effects()).toEqual([{ type: "endLog" }]);
    expect(top.state.pane).toBeUndefined();
    // What comes late is not shown anywhere.
    expect(log(top, 1, true).lines.join()).not.toContain("line 0");
  });

  test("who looks back goes on seeing the same lines; G is live again", () => {
    const top = log(new FakeTop().see(fleetOf(2)).press("j", "l"), 100, false).press("k", "k", "pageup");
    expect(top.lines.at(-2)).toBe("line 77");
    log(top, 5, true, 100);
    expect(top.lines.at(-2)).toBe("line 77");
    expect(log(top.press("G"), 1, true, 105).lines.at(-2)).toBe("line 105");
    expect(top.press("g").lines[3]).toBe("line 0");
  });

  test("a log does not fill the memory", () => {
    const top = log(new FakeTop().see(fleetOf(2)).press("j", "l"), 100, false);
    for (let i = 0; i < 100; i++) log(top, 100, true, i * 100);
    expect(top.state.pane?.lines).toHaveLength(2_000);
  });

  test("w asks why, and is read from its beginning", () => {
    const top = new FakeTop({ columns: 80, rows: 12 }).see(fleetOf(2)).press("j", "w");
    expect(top.effects()).toEqual([{ type: "why", id: "n00.main" }]);
    top.take({ type: "lines", kind: "why", id: "n00.main", lines: lines(30), added: false });
    expect(top.lines[3]).toBe("line 0");
    expect(top.press("j", "j", "k").lines[3]).toBe("line 1");
    expect(top.press("G").lines[3]).toBe("line 29");
    expect(top.press("q").effects()).toEqual([]);
    expect(top.state.pane).toBeUndefined();
  });

  test("an answer to another question is not shown", () => {
    const top = new FakeTop().see(fleetOf(2)).press("j", "w");
    top.take({ type: "lines", kind: "why", id: "n01.main", lines: lines(3), added: false });
    expect(top.lines.join()).toContain("asking");
  });

  test("from a log to why, and to the help", () => {
    const top = new FakeTop().see(fleetOf(2)).press("j", "l", "w");
    expect(top.effects().map(({ type }) => type)).toEqual(["log", "endLog", "why"]);
    expect(top.press("?").lines.join("\n")).toContain("fold a launcher");
    expect(top.press("q").press("q").effects()).toEqual([{ type: "quit" }]);
  });
});

test.each([
  ["q", "quit"],
  ["ctrl-c", "quit"],
  ["ctrl-z", "suspend"],
  ["ctrl-l", "redraw"],
] as const)("%s: %s", (key, type) => {
  expect(new FakeTop().see(fleetOf(1)).press(key).effects()).toEqual([{ type }]);
});

test("ctrl-c quits from anywhere", () => {
  for (const keys of [["/", "x"], ["j", "r"], ["?"], ["j", "l"]]) {
    const top = new FakeTop().see(fleetOf(1)).press(...keys);
    top.effects();
    expect(top.press("ctrl-c").effects()).toEqual([{ type: "quit" }]);
  }
});
