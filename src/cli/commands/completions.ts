// tcs completions: prints the script by which a shell completes tcs.
import { UsageError } from "../../common/errors.ts";
import bash from "../completion/tcs.bash" with { type: "text" };
import fish from "../completion/tcs.fish" with { type: "text" };
import zsh from "../completion/tcs.zsh" with { type: "text" };
import { SHELLS } from "../completion/values.ts";
import { defineCommand } from "../define-command.ts";

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = { bash, zsh, fish };

export default defineCommand({
  meta: {
    name: "completions",
    description:
      "Print the script that lets a shell complete commands, options, files and ids: source <(tcs completions bash)",
  },
  examples: [
    ["source <(tcs completions bash)", "in ~/.bashrc"],
    ["source <(tcs completions zsh)", "in ~/.zshrc, after compinit"],
    ["tcs completions fish >~/.config/fish/completions/tcs.fish"],
  ],
  args: {
    shell: {
      type: "positional",
      required: true,
      description: `${SHELLS.join(", ")}; the script says how to install it`,
    },
  },
  run({ args }) {
    const shell = SHELLS.find((name) => name === args.shell);
    if (shell === undefined) {
      throw new UsageError(`tcs completions: given "${args.shell}", expected ${SHELLS.join(", ")}`);
    }
    process.stdout.write(SCRIPTS[shell]);
  },
});
