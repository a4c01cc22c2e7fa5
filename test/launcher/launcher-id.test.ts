import { expect, test } from "bun:test";
import { launcherName } from "../../src/launcher/launcher-id.ts";

const FILE = "/etc/tcs/services.yaml";

test("a launcher's id has the form of the protocol, and its monitor's name a prefix more", () => {
  const { id, monitorName } = launcherName(FILE, "worker", "", "zb08.obs.cl");
  expect(id).toMatch(/^launcher\.[A-Za-z0-9]{6}\.zb08-worker-launcher$/);
  expect(monitorName).toBe(`launcher.${id}`);
});

test("the same inputs give the same id; another file, part or host another", () => {
  const id = (file = FILE, part = "", host = "zb08") => launcherName(file, "worker", part, host).id.split(".")[1];
  expect(id()).toBe(id());
  expect(new Set([id(), id("/etc/tcs/other.yaml"), id(FILE, "night"), id(FILE, "", "zb09")]).size).toBe(4);
});

test("every part of an id is a legal subject token, whatever the host is called and the hash gives", () => {
  for (const host of ["", "ümlaut.lan", "a b", "*", "host_1", ".lan"]) {
    for (let n = 0; n < 200; n++) {
      expect(launcherName(`/f${n}`, "inline", "", host).id).toMatch(
        /^launcher\.[A-Za-z0-9]{6}\.[A-Za-z0-9_-]+-inline-launcher$/,
      );
    }
  }
});
