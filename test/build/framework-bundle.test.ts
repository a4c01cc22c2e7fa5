import { beforeAll, expect, test } from "bun:test";
import { bundleFramework } from "../../src/build/framework-bundle.ts";

interface SourceMap {
  sources: string[];
  sourcesContent: (string | null)[];
}

let texts: Map<string, string>;
let maps: SourceMap[];

beforeAll(async () => {
  texts = await bundleFramework({ TCS_COMMIT: '"abc1234"' });
  maps = [...texts].filter(([name]) => name.endsWith(".map")).map(([, text]) => JSON.parse(text) as SourceMap);
});

const code = () => [...texts].filter(([name]) => name.endsWith(".js")).map(([, text]) => text);

test("each module is in it once", () => {
  const sources = maps.flatMap((map) => map.sources);
  expect(sources).toEqual([...new Set(sources)]);
  expect(sources).toContain("src/service/testing.ts");
  expect(sources.filter((path) => path.startsWith("node_modules/zod/"))).not.toEqual([]);
});

test("sources are named from the root, and only our own texts are kept", () => {
  for (const { sources, sourcesContent } of maps) {
    for (const [index, path] of sources.entries()) {
      expect(path).toMatch(/^(src|node_modules|package\.json)/);
      if (path.startsWith("node_modules/")) expect(sourcesContent[index]).toBeNull();
    }
  }
});

test("our classes keep their names", () => {
  const classes = code().flatMap((text) => [...text.matchAll(/^(?:var \w+ = )?class (\w+)/gm)].map(([, name]) => name));
  expect(classes).toContain("TcsError");
  expect(classes).toContain("BaseBlockingPermanentService");
  expect(classes).toContain("ServiceDefinitionError");
});

test("what a test never runs is left out", () => {
  const sources = maps.flatMap((map) => map.sources);
  const foreign = sources.filter((path) => /^(src\/(cli|launcher|scaffold|broker)|node_modules\/yaml)\//.test(path));
  // A monitor that a program under test makes looks for a broker; it starts none.
  const lookedFor = ["locate", "record", "streams", "surroundings"].map((name) => `src/broker/${name}.ts`);
  expect(foreign.filter((path) => !lookedFor.includes(path))).toEqual([]);
});
