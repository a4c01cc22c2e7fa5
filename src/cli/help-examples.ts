// What `--help` shows below the options: a line to begin with.

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "config get": ["tcs config get hello_world.main", "tcs config get hello_world.main interval"],
  "config set": ["tcs config set hello_world.main interval=2", "tcs config set --global log_level=debug"],
  "config unset": ["tcs config unset hello_world.main interval"],
  "config list": ["tcs config list --json"],
  "config history": ["tcs config history hello_world.main"],
  "config rollback": ["tcs config rollback hello_world.main", "tcs config rollback hello_world.main 12"],
  "config diff": ["tcs config diff values.yaml", "tcs config diff hello_world.main 12"],
  "config apply": ["tcs config apply values.yaml --dry-run", "tcs config export --host north | tcs config apply -"],
  "config export": ["tcs config export > values.yaml"],
};

/** The lines for a command, as typed after `tcs`; none for most. */
export function exampleLines(path: string): string[] {
  const examples = Object.hasOwn(EXAMPLES, path) ? EXAMPLES[path] : undefined;
  return examples ? ["EXAMPLES", "", ...examples.map((line) => `  ${line}`), ""] : [];
}
