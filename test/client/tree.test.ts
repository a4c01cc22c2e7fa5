import { describe, expect, test } from "bun:test";
import { buildTree, type TreeNode, withAncestors } from "../../src/client/tree.ts";
import { FakeFleet, LAUNCHER } from "./fleet.ts";

/** `launcher[a b[c]]` */
function draw(forest: readonly TreeNode[]): string {
  return forest
    .map(({ id, info, children }) => {
      const name = id === "" ? "(by hand)" : info ? id : `${id}?`;
      return children.length > 0 ? `${name}[${draw(children)}]` : name;
    })
    .join(" ");
}
const tree = (fleet: FakeFleet) => draw(buildTree(fleet.fold().services));

describe("the tree", () => {
  test("services stand under their launcher, by name", () => {
    expect(tree(new FakeFleet().healthy("b.b").healthy("a.a").launcher())).toBe(`${LAUNCHER}[a.a b.b]`);
  });

  test("what has no launcher stands in a group of its own, last", () => {
    expect(tree(new FakeFleet().status("x.y", "ok", 5).launcher())).toBe(`${LAUNCHER} (by hand)[x.y]`);
  });

  test("a launcher that was never heard keeps its services together", () => {
    expect(tree(new FakeFleet().healthy("a.a").healthy("b.b"))).toBe(`${LAUNCHER}?[a.a b.b]`);
  });

  test("parts that report for themselves stand under their service", () => {
    const fleet = new FakeFleet().launcher().healthy("a.a").status("a.a.part", "ok", 5, { parent: "a.a" });
    expect(tree(fleet)).toBe(`${LAUNCHER}[a.a[a.a.part]]`);
  });

  test("launchers in trouble stand first, then those that run, then those that do not; each by host and start", () => {
    const fleet = new FakeFleet()
      .launcher("launcher.a")
      .status("launcher.a", "shutdown", 50)
      .status("launcher.b", "ok", 900, { hostname: "zeta" })
      .heartbeat("launcher.b", 2, { uptime_seconds: 900 })
      .status("launcher.c", "ok", 800, { hostname: "alpha" })
      .heartbeat("launcher.c", 2, { uptime_seconds: 100 })
      .status("launcher.d", "ok", 800, { hostname: "alpha" })
      .heartbeat("launcher.d", 2, { uptime_seconds: 800 })
      .launcher("launcher.e", 300)
      .status("a.a", "ok", 300, { parent: "launcher.e" });
    expect(tree(fleet)).toBe("launcher.e[a.a] launcher.d launcher.c launcher.b launcher.a");
  });

  test("nothing gives nothing", () => expect(buildTree([])).toEqual([]));
});

describe("parents that make no sense", () => {
  test("a service that is its own parent", () => {
    expect(tree(new FakeFleet().status("a.a", "ok", 5, { parent: "a.a" }))).toBe("(by hand)[a.a]");
  });

  test("a cycle is cut once, and each of it shown once", () => {
    const fleet = new FakeFleet()
      .status("a.a", "ok", 5, { parent: "c.c" })
      .status("b.b", "ok", 5, { parent: "a.a" })
      .status("c.c", "ok", 5, { parent: "b.b" })
      .status("d.d", "ok", 5, { parent: "c.c" });
    expect(tree(fleet)).toBe("(by hand)[a.a[b.b[c.c[d.d]]]]");
  });

  test("a chain of 20,000 parents", () => {
    const fleet = new FakeFleet();
    for (let i = 0; i < 20_000; i++) fleet.status(`s.${i}`, "ok", 5, { parent: `s.${i + 1}` });
    let depth = 0;
    for (let level = buildTree(fleet.fold().services); level.length > 0; depth++) {
      level = level.flatMap((node) => node.children);
    }
    expect(depth).toBe(20_001);
  });
});

test("chosen services bring their parents along, once, even in a cycle", () => {
  const { services } = new FakeFleet()
    .launcher()
    .healthy("a.a")
    .healthy("b.b")
    .status("x.x", "ok", 5, { parent: "y.y" })
    .status("y.y", "ok", 5, { parent: "x.x" })
    .fold();
  const chosen = services.filter(({ serviceId }) => serviceId === "a.a" || serviceId === "x.x");
  expect(withAncestors(chosen, services).map(({ serviceId }) => serviceId)).toEqual(["a.a", LAUNCHER, "x.x", "y.y"]);
});
