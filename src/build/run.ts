// Running the build's outside tools.

/** Runs a command to its end and returns what it printed. @throws Error with its last line of complaint */
export async function run(command: string[], options: { cwd?: string } = {}): Promise<string> {
  const child = Bun.spawn(command, { ...options, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) {
    const lines = `${stdout}\n${stderr}`.trim().split("\n");
    throw new Error(`${command[0]} ended with code ${code}: ${lines.at(-1)}`);
  }
  return stdout;
}
