// Reading what Prometheus reads, as strictly as it does.

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$/;
const LABELS = /^\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?=.)|(?=\})))*\}$/;

/** Samples by name and labels, as written. @throws Error on what breaks the text format, or says a thing twice */
export function parseExposition(text: string): Map<string, number> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name = "", words = ""] = comment;
      if (!NAME.test(name)) throw new Error(`no name: ${line}`);
      if (kind !== "TYPE") continue;
      if (types.has(name)) throw new Error(`its type is told twice: ${line}`);
      types.set(name, words);
      continue;
    }
    const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
    if (labels !== "" && !LABELS.test(labels)) throw new Error(`no labels: ${line}`);
    if (!types.has(name)) throw new Error(`a sample of no known type: ${line}`);
    if (types.get(name) === "counter" && !name.endsWith("_total"))
      throw new Error(`a counter by another name: ${line}`);
    if (Number.isNaN(Number(value))) throw new Error(`no number: ${line}`);
    if (samples.has(name + labels)) throw new Error(`said twice: ${line}`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

/** What promtool objects to; nothing where there is no promtool. */
export async function promtoolComplaints(text: string): Promise<string> {
  const promtool = Bun.which("promtool");
  if (!promtool) return "";
  const child = Bun.spawn([promtool, "check", "metrics"], {
    stdin: new TextEncoder().encode(text),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return stdout + stderr;
}
