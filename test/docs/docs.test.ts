// The documents are true: what they tell to type is typed, what they tell to write compiles, what they link to exists.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { type Block, type MarkdownDocument, ROOT, readDocument } from "./markdown.ts";
import { openStory } from "./story.ts";

const PATHS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs/development-guide.md",
  "docs/configuration.md",
  "docs/projects.md",
  "docs/config-explained.md",
  "docs/config-command.md",
  "docs/cli.md",
  "docs/client.md",
  "docs/control.md",
  "docs/reload.md",
  "docs/logs.md",
  "docs/containers.md",
  "docs/dashboard.md",
  "docs/metrics.md",
  "docs/monitoring.md",
  "docs/messenger.md",
  "docs/observatory.md",
  "docs/service-classes.md",
  "docs/ownership.md",
  "docs/systemd.md",
  "docs/systemd-launcher.md",
  "docs/doctor.md",
  "docs/errors.md",
  "docs/install.md",
  "docs/security.md",
  "docs/foreign-programs.md",
  "docs/zmtp.md",
  "docs/lifecycle.md",
  "docs/migration.md",
  "docs/protocol.md",
  "docs/architecture.md",
  "docs/measurements.md",
  "docs/reliability.md",
  "docs/performance.md",
  "services/examples/README.md",
];
const DOCUMENTS = await Promise.all(PATHS.map(readDocument));

/** A document is a story of many commands, some of which wait for restarts. */
const STORY_LIMIT_MS = 180_000;

const named = (documents: MarkdownDocument[]) =>
  documents.map((document): [string, MarkdownDocument] => [document.path, document]);
const isCode = (block: Block) => block.language === "ts";

test.each(named(DOCUMENTS))(
  "%s goes as it is told, from the first block to the last",
  async (_, document) => {
    await using story = await openStory(document);
    for (const block of document.blocks) await story.tell(block);
    expect(existsSync(story.folder)).toBe(true);
  },
  STORY_LIMIT_MS,
);

test.each(named(DOCUMENTS.filter(({ blocks }) => blocks.some(isCode))))(
  "%s has TypeScript that an editor finds no fault with",
  async (_, document) => {
    using folder = tempFolder();
    for (const { directive, line, text } of document.blocks.filter(isCode)) {
      await folder.write("name" in directive ? directive.name : `line-${line}.ts`, text);
    }
    expect(await runTcs(["new", "types"], { cwd: folder.path })).toMatchObject({ code: 0 });
    const tsc = Bun.spawn([join(ROOT, "node_modules/.bin/tsc"), "--project", folder.path], { stdout: "pipe" });
    expect(await tsc.stdout.text()).toBe("");
    expect(await tsc.exited).toBe(0);
  },
);

test.each(named(DOCUMENTS))("%s links only to what exists", async (_, document) => {
  const links = [...document.text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const broken: string[] = [];
  for (const link of links.filter((target) => !/^https?:/.test(target))) {
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? document.path : join(dirname(document.path), path);
    if (!existsSync(join(ROOT, file)) || (anchor && !(await anchorsOf(file)).has(anchor))) broken.push(link);
  }
  expect(broken).toEqual([]);
});

async function anchorsOf(path: string): Promise<Set<string>> {
  const text = await Bun.file(join(ROOT, path)).text();
  const headings = [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm)];
  return new Set(
    headings.map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
