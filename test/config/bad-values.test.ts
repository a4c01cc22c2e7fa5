// Every value that does not fit is told with its place, what was given and what was expected.
import { describe, expect, test } from "bun:test";
import { faultsOf } from "./file-schema.ts";
import { linesOf, load } from "./support.ts";

const WRONG: [text: string, line: string][] = [
  [
    "servces: [hello_world]",
    '1:1: servces: given an unknown key, expected one of include, nats, registry, defaults, log_level, terminate_delay, lease_sec, site, logs, systemd, metrics, launchers, services (did you mean "services"?)',
  ],
  [
    "services: {type: hello_world}",
    "1:11: services: given a mapping, expected a list of services (put `- ` before each: `- type: hello_world`)",
  ],
  [
    "services: [~]",
    "1:12: services[0]: given nothing, expected a service: a mapping with type, or text as hello_world.main",
  ],
  [
    "services: [[]]",
    "1:12: services[0]: given an empty list, expected a service: a mapping with type, or text as hello_world.main",
  ],
  [
    "services: [{variant: a}]",
    "1:12: services[0]: given a service without a type, expected type: hello_world, or a module",
  ],
  [
    "services: [{tpye: hello_world}]",
    '1:12: services[0]: given a service without a type, expected type: hello_world, or a module ("tpye" stands there: did you mean "type"?)',
  ],
  [
    "services: [{type: 'hello world'}]",
    '1:19: services[0].type: given "hello world", expected a legal service type (it contains white space)',
  ],
  [
    "services: [{type: a..b}]",
    '1:19: services[0].type: given "a..b", expected a legal service type (it has an empty part between dots)',
  ],
  [
    "services: [{type: 'a*'}]",
    '1:19: services[0].type: given "a*", expected a legal service type (it contains "*" or ">", which are NATS wildcards)',
  ],
  [
    "services: [{type: hello_world, variant: a.b}]",
    '1:41: services[0].variant: given "a.b", expected a legal variant (a variant may not contain dots)',
  ],
  ["services: [{type: hello_world, variant: ''}]", '1:41: services[0].variant: given "", expected a legal variant'],
  [
    "services: [{type: hello_world, variant: [a]}]",
    "1:41: services[0].variant: given a list of 1, expected a legal variant",
  ],
  [
    "services: [{type: hello_world, variant: a, instance_context: b}]",
    '1:62: services[0].instance_context: given "b", expected the same as variant, or only one of them',
  ],
  [
    "services: [{type: hello_world, restart: on-falure}]",
    '1:41: services[0].restart: given "on-falure", expected one of no, on-failure, on-abnormal, always (did you mean "on-failure"?)',
  ],
  [
    "services: [{type: hello_world, restart: true}]",
    '1:41: services[0].restart: given "true", expected one of no, on-failure, on-abnormal, always',
  ],
  [
    "services: [{type: hello_world, restart_sec: -1}]",
    "1:45: services[0].restart_sec: given -1, expected a number from 0 to 1000000",
  ],
  [
    "services: [{type: hello_world, restart_sec: soon}]",
    '1:45: services[0].restart_sec: given "soon", expected a number from 0 to 1000000',
  ],
  [
    "services: [{type: hello_world, restart_sec: .inf}]",
    "1:45: services[0].restart_sec: given Infinity, expected a number from 0 to 1000000",
  ],
  [
    "services: [{type: hello_world, restart_max: 1.5}]",
    "1:45: services[0].restart_max: given 1.5, expected a whole number from 0 to 1000000",
  ],
  [
    "services: [{type: hello_world, log_level: loud}]",
    '1:43: services[0].log_level: given "loud", expected one of debug, info, warning, error, critical',
  ],
  [
    "services: [{type: hello_world, launcher: wroker}]",
    '1:42: services[0].launcher: given "wroker", expected one of inline, worker, process, systemd (did you mean "worker"?)',
  ],
  [
    "services: [{type: hello_world, launcher: docker}]",
    '1:42: services[0].launcher: given "docker", expected one of inline, worker, process, systemd (run `tcs run` in the container)',
  ],
  [
    "services: [{type: hello_world, group: 'a b'}]",
    '1:39: services[0].group: given "a b", expected a legal group name (it contains white space)',
  ],
  [
    "services: [{type: hello_world, group: g}, {type: hello_world, variant: b, group: g, launcher: process}]",
    "1:43: hello_world.b: given process for hello_world.b in group g, expected worker, as for hello_world.main: a group is one host",
  ],
  [
    "services: [hello_world, hello_world.main]",
    "1:25: services[1]: given hello_world.main a second time, expected each service once; it stands on line 1 already (give it another variant)",
  ],
  ["services: [hello_world]\nterminate_delay: -1", "2:18: terminate_delay: given -1, expected a number from 0 to 3600"],
  [
    "services: [hello_world]\ndefaults: {variant: x}",
    "2:12: defaults.variant: given an unknown key, expected one of launcher, group, restart, restart_sec, restart_max, restart_window, restart_backoff, restart_sec_max, overlap, missed, watchdog_sec, standby, config_reload, log_level",
  ],
  [
    "services: [{type: hello_world, restart: no}]\ndefaults: {restart: sometimes}",
    '2:21: defaults.restart: given "sometimes", expected one of no, on-failure, on-abnormal, always',
  ],
  [
    "services: [hello_world]\nregistry: [a]",
    "2:11: registry: given a list of 1, expected a mapping of service types to modules",
  ],
  [
    "services: [hello_world]\nregistry: {'a b': ~}",
    '2:12: registry: given the type "a b", expected a legal name (it contains white space)',
  ],
  [
    "services: [hello_world]\nregistry: {a: [b]}",
    "2:15: registry.a: given a list of 1, expected a module, or ~ for a built-in service",
  ],
  [
    "launchers: {dome: {typ: process, services: [hello_world]}}",
    '1:20: launchers.dome.typ: given an unknown key, expected one of type, terminate_delay, services (did you mean "type"?)',
  ],
  ["launchers: {dome: ~}", "1:13: launchers.dome: given nothing, expected a mapping with services"],
  [
    "launchers: {worker: {services: [hello_world]}}",
    '1:13: launchers.worker: given the name "worker", expected another name: it is the name of a home, which --launcher would take it for',
  ],
  [
    "services: [hello_world]\nnats: {hots: a}",
    '2:8: nats.hots: given an unknown key, expected one of host, port, url, urls, servers, required, subject_prefix, inbox_prefix, config_subject, tls, user, password, password_file, token, token_file, nkey_file, creds_file (did you mean "host"?)',
  ],
  [
    "services: [hello_world]\nnats: {port: 70000}",
    "2:14: nats.port: given 70000, expected a whole number from 1 to 65535",
  ],
  [
    "services: [hello_world]\nnats: {host: 'nats://a'}",
    '2:14: nats.host: given "nats://a", expected only a host name or address (for a full address use url)',
  ],
  [
    "services: [hello_world]\nnats: {url: 'http://a'}",
    '2:13: nats.url: given "http://a", expected host, host:port, nats://host:port or tls://host:port',
  ],
  [
    "services: [hello_world]\nnats: {servers: []}",
    "2:17: nats.servers: given an empty list, expected at least one address",
  ],
  ["services: [hello_world]\nnats: {required: maybe}", '2:18: nats.required: given "maybe", expected true or false'],
  [
    "services: [hello_world]\nnats: {subject_prefix: a.>}",
    '2:24: nats.subject_prefix: given "a.>", expected a legal subject prefix (it contains "*" or ">", which are NATS wildcards)',
  ],
  ["services: [hello_world]\nnats: localhost", '2:7: nats: given "localhost", expected a mapping with host and port'],
];

describe("values that are wrong", () => {
  test.each(WRONG)("%s", async (text, line) => {
    expect(await linesOf(load(text))).toEqual([`services.yaml:${line}`]);
  });

  test("all of them are told at once, in the order of the file", async () => {
    const text = `nats: {prot: 1}
services:
  - type: hello_wrld
  - type: hello_world
    restart_sec: x
    restart: y
`;
    expect((await linesOf(load(text))).map((line) => line.split(":").slice(0, 3).join(":"))).toEqual([
      "services.yaml:1:8",
      "services.yaml:3:11",
      "services.yaml:5:18",
      "services.yaml:6:14",
    ]);
  });
});

/** What depends on other rows or keys, and the forms of addresses: the schema leaves that to the check. */
const BEYOND =
  /second time|without a user|the same as variant|a group is one host|only a host name|expected host, host:port/;

describe("an editor that has the schema refuses", () => {
  test.each(WRONG.filter(([, line]) => !BEYOND.test(line)))("%s", (text) => {
    expect(faultsOf(text)).not.toEqual([]);
  });
});
