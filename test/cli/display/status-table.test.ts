// The default view, line by line.
import { describe, expect, test } from "bun:test";
import { renderOverall } from "../../../src/cli/display/overall.ts";
import { renderStatusTable } from "../../../src/cli/display/status-table.ts";
import { chooseView, type RenderOptions, type ViewChoice } from "../../../src/cli/display/view.ts";
import { widthOf } from "../../../src/cli/display/width.ts";
import { FakeFleet, LAUNCHER, NOW } from "../../client/fleet.ts";
import { cpuMsSince } from "../../support/cpu.ts";

const PLAIN: RenderOptions = { width: Number.POSITIVE_INFINITY, color: false, unicode: true, now: NOW };

function render(fleet: FakeFleet, options: Partial<RenderOptions> = {}, choice: ViewChoice = {}): string[] {
  const view = chooseView(fleet.fold().services, choice);
  const all = { ...PLAIN, ...options };
  return [...renderOverall(view, "nats://127.0.0.1:4222", all), ...renderStatusTable(view, all)];
}
const stop = { status: "shutdown", reason: "terminated" };

/** One of everything an operator can meet. */
function observatory(): FakeFleet {
  return new FakeFleet()
    .launcher()
    .healthy("hello_world.main", 3_600)
    .healthy("guider.main", 187_200)
    .status("guider.main", "degraded", 30, { message: "slow sensor", parent: LAUNCHER })
    .healthy("frozen.main", 3_600, 45)
    .healthy("silent.main", 3_600, 250)
    .healthy("dome.main", 3_600, 500)
    .status("dome.main", "failed", 401, { message: "cannot open port", parent: LAUNCHER })
    .event("dome.main", "crashed", 400, { status: "failed", exit_code: 1, will_restart: false })
    .healthy("phoenix.main", 9_000)
    .event("phoenix.main", "crashed", 300, { status: "error", exit_code: -9, will_restart: true })
    .event("phoenix.main", "restarting", 299, { status: "startup", restart_attempt: 2, max_restarts: 5 })
    .event("phoenix.main", "start", 298, { status: "startup" })
    .status("phoenix.main", "ok", 297, { message: "Service running", parent: LAUNCHER })
    .heartbeat("phoenix.main", 4)
    .event("new.main", "declared", 2)
    .event("new.main", "start", 1, { status: "startup" })
    .healthy("done.main", 3_600, 600)
    .event("done.main", "stop", 590, stop)
    .status("script.main", "ok", 100, { message: "by hand" })
    .heartbeat("script.main", 5);
}

describe("the table", () => {
  test("tells the state of each service in its own line, launcher before services", () => {
    expect(render(observatory())).toEqual([
      "× Overall failed   4 of 8: dome.main failed: cannot open port (exit 1, not restarted)",
      "  6 of 8 services running, 1 launcher, broker nats://127.0.0.1:4222",
      "  SERVICE              STATUS      BEAT    UPTIME    MESSAGE",
      "● launcher.test.vm     ok          ♥ 2 s             Launcher running",
      "× ├─ dome.main         failed      ♥ 8 m             cannot open port (exit 1, not restarted)",
      "◐ ├─ frozen.main       stale       ♥ 45 s  1 h       no heartbeat for 45 s; last said ok",
      "◐ ├─ guider.main       degraded    ♥ 3 s   2 d 4 h   slow sensor",
      "● ├─ hello_world.main  ok          ♥ 3 s   1 h       Service running",
      "○ ├─ new.main          startup             1 s",
      "● ├─ phoenix.main      ok ↻ (2/5)  ♥ 4 s   4 m 58 s  Service running",
      "⚠ └─ silent.main       dead        ♥ 4 m   1 h       no heartbeat for 4 m 10 s; last said ok",
      "  no launcher (run by hand)",
      "● └─ script.main       ok          ♥ 5 s             by hand",
      "",
      "1 more not shown (stopped, removed or old): --all shows them",
    ]);
  });

  test("with --all also what is stopped", () => {
    const lines = render(observatory(), {}, { all: true });
    expect(lines.find((line) => line.includes("done.main"))).toMatch(
      /^○ ├─ done\.main +stopped +stopped 9 m 50 s ago$/,
    );
    expect(lines.join("\n")).not.toContain("not shown");
  });

  test("a filter word shows what is otherwise hidden, with its launcher, and sums up only that", () => {
    expect(render(observatory(), {}, { filter: "DONE" })).toEqual([
      '○ Overall stopped   nothing is running, matching "DONE", broker nats://127.0.0.1:4222',
      "  SERVICE           STATUS   BEAT   MESSAGE",
      "● launcher.test.vm  ok       ♥ 2 s  Launcher running",
      "○ └─ done.main      stopped         stopped 9 m 50 s ago",
    ]);
  });

  test("is plain ASCII where nothing else is understood", () => {
    const lines = render(observatory(), { unicode: false });
    expect(lines.join("")).toMatch(/^[ -~]*$/);
    expect(lines).toContain(
      "X `- silent.main       dead                hb 4 m   1 h       no heartbeat for 4 m 10 s; last said ok",
    );
  });

  test("has no escape sequence without colours, and the same text with them", () => {
    const plain = render(observatory());
    const colored = render(observatory(), { color: true });
    expect(plain.join("")).not.toContain("\u001b");
    expect(colored.join("\n")).toContain("\u001b[31m×\u001b[39m");
    expect(colored.map((line) => Bun.stripANSI(line))).toEqual(plain);
  });
});

describe("the Overall line", () => {
  test("of a healthy fleet", () => {
    const [first] = render(new FakeFleet().launcher().healthy("a.a").healthy("b.b"));
    expect(first).toBe("● Overall ok   2 services running, 1 launcher, broker nats://127.0.0.1:4222");
  });

  test("of a fleet that is starting", () => {
    const fleet = new FakeFleet().launcher().healthy("a.a").event("b.b", "declared", 2);
    fleet.event("b.b", "start", 1, { status: "startup" });
    expect(render(fleet)[0]).toBe("○ Overall startup   1 of 3 starting");
  });

  test("of a fleet whose launcher died", () => {
    const fleet = new FakeFleet().launcher(LAUNCHER, 200).healthy("a.a", 3_600, 201);
    expect(render(fleet)[0]).toBe(`⚠ Overall dead   2 of 2: ${LAUNCHER} dead: no heartbeat for 3 m 20 s; last said ok`);
  });

  test("of a fleet that was stopped", () => {
    const fleet = new FakeFleet().status(LAUNCHER, "shutdown", 5).healthy("a.a", 60, 7).event("a.a", "stop", 6, stop);
    expect(render(fleet)).toEqual([
      "○ Overall stopped   nothing is running, broker nats://127.0.0.1:4222",
      "1 more not shown (stopped, removed or old): --all shows them",
    ]);
  });
});

describe("a fleet that was stopped", () => {
  const fleet = new FakeFleet()
    .launcher()
    .healthy("a.a", 600, 70)
    .status("a.a", "failed", 65, { message: "cannot open port", parent: LAUNCHER })
    .event("a.a", "crashed", 65, { status: "failed", exit_code: 1, will_restart: false })
    .status(LAUNCHER, "shutdown", 50);

  test("is no trouble, whatever had failed in it before", () => {
    expect(render(fleet)).toEqual([
      "○ Overall stopped   nothing is running, broker nats://127.0.0.1:4222",
      "1 more not shown (stopped, removed or old): --all shows them",
    ]);
  });

  test("keeps the reasons of what had failed", () => {
    expect(render(fleet, {}, { all: true }).at(-1)).toBe(
      "○ └─ a.a            failed   cannot open port (exit 1, not restarted)",
    );
  });
});

describe("narrow terminals", () => {
  test("80 columns", () => {
    const fleet = new FakeFleet().launcher().healthy("examples.minimal.tutorial");
    fleet.status("examples.minimal.tutorial", "warning", 3, {
      message: "望遠鏡のドームが開かない 🔭 dome will not open",
    });
    expect(render(fleet, { width: 80 })).toEqual([
      "◐ Overall warning   1 of 1: examples.minimal.tutorial warning: 望遠鏡のドームが…",
      "  1 service running, 1 launcher, broker nats://127.0.0.1:4222",
      "  SERVICE                       STATUS   BEAT   UPTIME  MESSAGE",
      "● launcher.test.vm              ok       ♥ 2 s          Launcher running",
      "◐ └─ examples.minimal.tutorial  warning  ♥ 3 s  1 h     望遠鏡のドームが開かな…",
    ]);
  });

  test.each([120, 80, 60, 40, 25, 10, 3, 1])("%d columns are never exceeded", (width) => {
    const fleet = observatory().status("guider.main", "warning", 3, {
      message: `${"温".repeat(60)} 👨‍👩‍👧‍👦 ${"x".repeat(500)}`,
    });
    fleet.healthy(`${"very_long_name".repeat(9)}.main`);
    for (const line of render(fleet, { width })) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  const launched = (launcher: string) =>
    new FakeFleet()
      .launcher(launcher)
      .healthy("a.a")
      .event("a.a", "declared", 3_700, { parent: launcher })
      .event("a.a", "start", 3_600, { parent: launcher });

  test("a launcher is shown by what tells it apart, and stands in line with its services", () => {
    expect(render(launched("launcher.launcher.CGARii.vm-process-launcher"), { width: 80 }).slice(1)).toEqual([
      "  SERVICE                          STATUS  BEAT   UPTIME  MESSAGE",
      "● launcher CGARii on vm (process)  ok      ♥ 2 s          Launcher running",
      "● └─ a.a                           ok      ♥ 3 s  1 h     Service running",
    ]);
  });

  test("one on a host with a long name is cut, and still stands in line", () => {
    const lines = render(launched("launcher.launcher.CGARii.observatory-control-01-worker-launcher"), { width: 80 });
    expect(lines.at(-2)).toMatch(/^● launcher CGARii on .*….* {2}ok {2,}♥ 2 s/);
    expect(lines.at(-2)?.indexOf("♥")).toBe(lines.at(-1)?.indexOf("♥"));
  });

  test("its full id is shown when asked for, and is what a filter looks at", () => {
    const id = "launcher.launcher.CGARii.vm-process-launcher";
    const lines = render(launched(id), { width: 80, fullIds: true }, { filter: "vm-process" });
    expect(lines.at(-1)).toContain(`${id}  ok`);
  });

  test("a dead launcher is named so in the first line too", () => {
    const fleet = launched("launcher.launcher.CGARii.vm-process-launcher");
    fleet.heartbeat("launcher.launcher.CGARii.vm-process-launcher", 300);
    expect(render(fleet)[0]).toMatch(/ of \d: launcher CGARii on vm \(process\) dead: no heartbeat for 5 m/);
  });
});

describe("hostile input", () => {
  test("a message cannot colour, move the cursor, or add a line", () => {
    const fleet = new FakeFleet().launcher().healthy("a.a");
    fleet.status("a.a", "warning", 3, { message: "x\u001b[2J\u001b[1;1Hy\u009b5A\r\nowned\u0007\u001b]0;t\u0007" });
    const lines = render(fleet);
    expect(lines.at(-1)).toMatch(/xy owned\?$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(lines.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  test("neither can a name", () => {
    const fleet = new FakeFleet().status("a\u001b[31m.b\u0007", "ok", 5).heartbeat("a\u001b[31m.b\u0007", 5);
    expect(render(fleet).at(-1)).toContain("a.b?");
  });

  test("parents in a cycle, a million deep or unknown are drawn once each", () => {
    const fleet = new FakeFleet();
    for (let i = 0; i < 300; i++)
      fleet.status(`s.${i}`, "ok", 1, { parent: `s.${(i + 1) % 300}` }).heartbeat(`s.${i}`, 1);
    const lines = render(fleet, { width: 80 });
    for (let i = 0; i < 300; i++) expect(lines.filter((line) => line.split(/\s+/).includes(`s.${i}`))).toHaveLength(1);
  });
});

test("a thousand services are drawn in less time than an eye notices", () => {
  const fleet = new FakeFleet().launcher();
  for (let i = 0; i < 1_000; i++) fleet.healthy(`service_${i}.main`);
  const { services } = fleet.fold();
  const began = process.cpuUsage();
  const view = chooseView(services);
  const lines = renderStatusTable(view, { ...PLAIN, width: 100, color: true });
  const cpuMs = cpuMsSince(began);
  expect(lines).toHaveLength(1_002);
  expect(cpuMs).toBeLessThan(1_000);
});
