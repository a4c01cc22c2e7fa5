// What is installed beside the executable: the manual page, and completion for each shell.
import type { ExtraTexts } from "../../install/index.ts";
import { allCommands } from "../command-table.ts";
import bash from "../completion/tcs.bash" with { type: "text" };
import fish from "../completion/tcs.fish" with { type: "text" };
import zsh from "../completion/tcs.zsh" with { type: "text" };
import { manualPage } from "../man/page.ts";

export async function extraTexts(): Promise<ExtraTexts> {
  return { bash, fish, zsh, man: await manualPage(allCommands()) };
}
