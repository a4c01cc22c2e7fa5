// tcs man: prints the manual page, as tcs install puts it in place.
import { defineCommand } from "citty";
import { allCommands } from "../command-table.ts";
import { manualPage } from "../man/page.ts";

export default defineCommand({
  meta: { name: "man", description: "Print the manual page, for a host where it is not installed: tcs man | man -l -" },
  async run() {
    process.stdout.write(await manualPage(allCommands()));
  },
});
