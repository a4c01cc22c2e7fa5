// tcs man: prints the manual page, as tcs install puts it in place.
import { allCommands } from "../command-table.ts";
import { defineCommand } from "../define-command.ts";
import { manualPage } from "../man/page.ts";

export default defineCommand({
  meta: { name: "man", description: "Print the manual page, for a host where it is not installed: tcs man | man -l -" },
  examples: [
    ["tcs man | man -l -", "read it"],
    ["tcs man > tcs.1", "keep it"],
  ],
  async run() {
    process.stdout.write(await manualPage(allCommands()));
  },
});
