// Secrets as files: which are taken, what wins over what, and what is said of those that cannot be read.
import { describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { loadEnv } from "../../src/config/index.ts";
import { readSecrets } from "../../src/config/secrets-folder.ts";
import { tempFolder } from "../support/temp.ts";

test("each file is a variable, without the line break at its end", async () => {
  using folder = tempFolder();
  await folder.write("API_KEY", "two\nlines\n");
  await folder.write("EMPTY", "");
  await folder.write("WINDOWS", "x\r\n");
  expect(readSecrets(folder.path)).toEqual({ values: { API_KEY: "two\nlines", EMPTY: "", WINDOWS: "x" }, issues: [] });
});

test("what Kubernetes keeps beside its files is no variable, and its links are followed", async () => {
  using folder = tempFolder();
  await folder.write("..2026_11_21/API_KEY", "sesame");
  symlinkSync("..2026_11_21", join(folder.path, "..data"));
  symlinkSync("..data/API_KEY", join(folder.path, "API_KEY"));
  await folder.write("not-a-name", "x");
  await folder.write("FOLDER/x", "x");
  expect(readSecrets(folder.path)).toEqual({ values: { API_KEY: "sesame" }, issues: [] });
});

test("the environment is stronger than the files, the files are stronger than .env", async () => {
  using folder = tempFolder();
  await folder.write(".env", "A=env-file\nB=env-file\nC=env-file\n");
  await folder.write("secrets/A", "secret");
  await folder.write("secrets/B", "secret");
  const env = { TCS_SECRETS_DIR: join(folder.path, "secrets"), A: "environment" };
  expect(loadEnv(folder.path, env)).toMatchObject({ A: "environment", B: "secret", C: "env-file" });
});

describe("what cannot be read is told with its place", () => {
  test("the folder", () => {
    const { issues } = readSecrets("/nowhere/at/all");
    expect(issues).toMatchObject([
      { file: "/nowhere/at/all", expected: "a folder of secrets, as TCS_SECRETS_DIR says" },
    ]);
    expect(() => loadEnv("/", { TCS_SECRETS_DIR: "/nowhere/at/all" })).toThrow("TCS_SECRETS_DIR");
  });

  test("a file that is a link to nothing", () => {
    using folder = tempFolder();
    symlinkSync("gone", join(folder.path, "API_KEY"));
    expect(readSecrets(folder.path).issues).toMatchObject([{ file: join(folder.path, "API_KEY") }]);
  });
});
