import { expect, test } from "bun:test";
import { looksSecret } from "../../src/common/secret-words.ts";
import { maskReports, SecretMask } from "../../src/logs/secrets.ts";
import { record } from "./support.ts";

test.each([
  "TOKEN",
  "MY_TOKEN",
  "api_token",
  "apiToken",
  "DB_PASSWORD",
  "PASSWD",
  "CLIENT_SECRET",
  "AWS_SECRET_ACCESS_KEY",
  "API_KEY",
  "OPENAI_APIKEY",
  "KEY",
  "SIGNING_KEY",
  "PRIVATE_KEY",
  "DB_PASS",
  "pin",
  "GPG_PASSPHRASE",
])("the name %s looks secret", (name) => {
  expect(looksSecret(name)).toBe(true);
});

test.each([
  "PATH",
  "PWD",
  "OLDPWD",
  "HOME",
  "KEYBOARD",
  "MONKEY",
  "SSH_KEY_PATH",
  "TOKEN_FILE",
  "COMPASS_PORT",
  "SSH_AUTH_SOCK",
  "SPINNER",
  "TELESCOPE",
  "PASSENGER",
])("the name %s does not", (name) => {
  expect(looksSecret(name)).toBe(false);
});

test("values of secret variables are masked wherever they stand, the longest first", () => {
  const mask = new SecretMask();
  mask.addEnv({ MY_TOKEN: "abcd", DB_PASSWORD: "abcd-efgh", HOME: "/home/observer" });
  expect(mask.mask("x=abcd-efgh, y=abcdabcd in /home/observer")).toBe("x=***, y=****** in /home/observer");
  expect(mask.maskRecord(record("abcd")).message).toBe("***");
});

test("characters that mean something in patterns are nothing special", () => {
  const mask = new SecretMask();
  mask.add(["a+b(c)[d]$1.*"]);
  expect(mask.mask("(a+b(c)[d]$1.*)")).toBe("(***)");
});

test("short or harmless values are left alone", () => {
  const mask = new SecretMask();
  mask.addEnv({ TOKEN: "1", USE_TOKEN: "true", KEY: "", AUTH: "none" });
  expect(mask.mask("1 true none")).toBe("1 true none");
});

test("each line of a value over several lines is masked: output is read line by line", () => {
  const mask = new SecretMask();
  mask.addEnv({ PRIVATE_KEY: "-----BEGIN KEY-----\nMIIBOgIB\nAAJBAKj3\n" });
  expect(mask.mask("MIIBOgIB")).toBe("***");
  expect(mask.mask("-----BEGIN KEY-----\nMIIBOgIB\nAAJBAKj3")).toBe("***");
});

test("a password in an address is masked, whoever's it is", () => {
  expect(new SecretMask().mask("to nats://observer:pw@host:4222 and http://host/a:b@c")).toBe(
    "to nats://observer:***@host:4222 and http://host/a:b@c",
  );
});

test("fields of the configuration whose names look secret are, at any depth", () => {
  const mask = new SecretMask();
  mask.addFleet({
    nats: { servers: [], required: false, subjectPrefix: "svc", password: "broker-pw", origin: "" },
    services: [
      // The rest of a row does not matter here.
      {
        module: { kind: "builtin", type: "camera" },
        fields: { site: "north", camera: { apiKey: "camera-key", keys: [123456] } },
        overrides: { token: "override" },
      },
    ] as never,
  });
  expect(mask.mask("broker-pw north camera-key 123456 override")).toBe("*** north *** *** ***");
});

test("messages of reports are masked, names are not", () => {
  const events: unknown[] = [];
  const mask = new SecretMask();
  mask.add(["dome"]);
  const sink = maskReports({ event: (...event) => void events.push(event), beat: () => undefined }, mask);
  sink.event("svc.status.dome.main", {
    name: "dome.main",
    message: "at the dome",
    details: {
      children: [{ name: "dome", message: "dome", status: null }],
      metrics: { place: "dome", metric_errors: ["a callback: no dome"] },
    },
  });
  expect(events).toEqual([
    [
      "svc.status.dome.main",
      {
        name: "dome.main",
        message: "at the ***",
        details: {
          children: [{ name: "dome", message: "***", status: null }],
          metrics: { place: "dome", metric_errors: ["a callback: no ***"] },
        },
      },
    ],
  ]);
});
