// What programs leave behind is known by the environment it has inherited.
import { afterEach, describe, expect, test } from "bun:test";
import { identifyProcess } from "../../src/common/process-info.ts";
import { endMarked, MarkedEnds } from "../../src/launcher/marked.ts";
import { processesWith } from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";

const RUN = `TCS_RUN=${process.pid}-test`;
const children: Bun.Subprocess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    await child.exited;
  }
});

async function started(env: Record<string, string>): Promise<number> {
  const child = Bun.spawn(["sleep", "1000"], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", null, null],
  });
  children.push(child);
  const [entry = ""] = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  // Until it is another program, it has the environment of this one.
  await waitFor("its environment", () => processesWith(entry).some(({ pid }) => pid === child.pid));
  return child.pid;
}

const of = (service: string, run = `${process.pid}-test`) => ({ TCS_RUN: run, TCS_SERVICE_ID: service });
const lives = (pid: number) => identifyProcess(pid) !== undefined;

describe("what is left behind", () => {
  test("of the services that are named ends, of others and of other runs it does not", async () => {
    const [a, b, c] = [await started(of("a.main")), await started(of("b.main")), await started(of("c.main"))];
    const stranger = await started(of("a.main", "1-other"));
    endMarked(RUN, new Set(["TCS_SERVICE_ID=a.main", "TCS_SERVICE_ID=b.main"]));
    await waitFor("the end of both", () => !lives(a) && !lives(b));
    expect([lives(c), lives(stranger)]).toEqual([true, true]);
    endMarked(RUN);
    await waitFor("the end of the third", () => !lives(c));
    expect(lives(stranger)).toBe(true);
  });

  test("a value that only begins alike is another", async () => {
    const longer = await started(of("a.main", `${process.pid}-test2`));
    endMarked(RUN);
    endMarked(RUN, new Set(["TCS_SERVICE_ID=a.main"]));
    expect(lives(longer)).toBe(true);
  });

  test("is looked for once for all that ask in one turn of the loop, and again for those that ask later", async () => {
    const looks: [string, string[]][] = [];
    const ends = new MarkedEnds(RUN, (mark, others) => {
      looks.push([mark, [...(others ?? [])]]);
    });
    await Promise.all([ends.end("A=1"), ends.end("A=2"), ends.end("A=1")]);
    expect(looks).toEqual([[RUN, ["A=1", "A=2"]]]);
    await ends.end("A=3");
    expect(looks[1]).toEqual([RUN, ["A=3"]]);
  });

  test("has had its SIGKILL when the answer comes", async () => {
    const left = await started(of("a.main"));
    await new MarkedEnds(RUN).end("TCS_SERVICE_ID=a.main");
    await children[0]?.exited;
    expect([lives(left), children[0]?.signalCode]).toEqual([false, "SIGKILL"]);
  });
});
