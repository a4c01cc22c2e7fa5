// May this user do what viewers, operators, services and launchers do? Tried, with messages that change nothing.
import { bucketName } from "../../launcher/ownership/owners-bucket.ts";
import { describeLogin, inboxPrefixOf } from "../../messaging/login.ts";
import { STREAM_KINDS, streamName } from "../../messaging/snapshot.ts";
import { Subjects } from "../../messaging/subjects.ts";
import { configBucketName, schemaBucketName } from "../../settings/index.ts";
import type { BrokerContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { type Right, refusedRights } from "../permission-trial.ts";

/** A name that no service has. */
const NOBODY = "tcs-doctor";

interface Rule extends Right {
  /** As an operator would write it into the broker's configuration. */
  rule: string;
}

interface Ability {
  /** After "may" and "may not". */
  what: string;
  rights: Rule[];
}

type Abilities = Record<"look" | "order" | "report" | "launch", Ability>;

/** What each of them needs beyond `look`. */
function abilities(prefix: string, inboxPrefix: string): Abilities {
  const subjects = new Subjects(prefix);
  const bucket = bucketName(prefix);
  const [values, schemas] = [configBucketName(prefix), schemaBucketName(prefix)];
  const streams = STREAM_KINDS.map((kind) => streamName(prefix, kind));
  const publish = (rule: string, subject = rule): Rule => ({ verb: "publish", rule, subject });
  const subscribe = (rule: string, subject: string): Rule => ({ verb: "subscribe", rule, subject });
  return {
    look: {
      what: "see the fleet",
      rights: [
        subscribe(`${inboxPrefix}.>`, `${inboxPrefix}.${NOBODY}`),
        publish("$JS.API.STREAM.NAMES"),
        publish("$JS.API.STREAM.INFO.*", `$JS.API.STREAM.INFO.${NOBODY}`),
        // JetStream refuses it: the request does not name the stream that its subject does.
        ...streams.map((stream) => publish(`$JS.API.CONSUMER.CREATE.${stream}`)),
      ],
    },
    order: {
      what: "give orders to launchers and services",
      rights: [
        publish(`${prefix}.rpc.>`, subjects.rpc(NOBODY, "doctor")),
        publish(`$KV.${values}.>`, `$KV.${values}.${NOBODY}`),
      ],
    },
    report: {
      what: "report for a service",
      rights: [
        publish(`${prefix}.status.>`, subjects.status(NOBODY)),
        publish(`${prefix}.heartbeat.>`, subjects.heartbeat(NOBODY)),
        subscribe(`${prefix}.rpc.>`, subjects.rpc(NOBODY, "*")),
      ],
    },
    launch: {
      what: "run a launcher",
      rights: [
        publish(`${prefix}.registry.>`, subjects.registry("declared", NOBODY)),
        publish(`${prefix}.log.>`, subjects.log("debug", NOBODY)),
        ...[...streams, ...[bucket, values, schemas].map((name) => `KV_${name}`)].map((stream) =>
          publish(`$JS.API.STREAM.CREATE.${stream}`),
        ),
        publish(`$JS.API.STREAM.MSG.GET.KV_${bucket}`),
        publish(`$JS.API.CONSUMER.CREATE.KV_${values}`),
        publish(`$KV.${schemas}.>`, `$KV.${schemas}.${NOBODY}`),
        publish(`$KV.${bucket}.>`, `$KV.${bucket}.${NOBODY}`),
        subscribe(`$KV.${bucket}.>`, `$KV.${bucket}.${NOBODY}`),
      ],
    },
  };
}

/** What people call somebody who may do these, as in config/nats/roles.conf. */
function roleName(may: Record<keyof Abilities, boolean>): string | undefined {
  if (may.look && may.order) return "operator";
  if (may.launch) return undefined;
  if (may.report) return "service";
  return may.look ? "viewer" : undefined;
}

export async function checkPermissions({ look, settings }: BrokerContext): Promise<Finding[]> {
  const { connection, prefix } = look;
  const all = abilities(prefix, inboxPrefixOf(connection));
  const rights = Object.values(all).flatMap((ability) => ability.rights);
  const refused = new Set(await refusedRights(connection, rights));
  const missing = (ability: Ability) => ability.rights.filter((right) => refused.has(right));
  const whose = describeLogin(settings) ?? "this user";
  if (refused.size === 0) return [ok(`${whose} may see the fleet, give orders, report, and run launchers`)];
  const allow = (rules: readonly Rule[]) =>
    `in the broker's configuration allow ${whose}: ${rules.map(({ verb, rule }) => `${verb} ${rule}`).join(", ")}`;
  const findings = [all.order, all.report, all.launch].flatMap((ability) => {
    const rules = missing(ability);
    return rules.length === 0 ? [] : [warning(`${whose} may not ${ability.what}`, allow(rules))];
  });
  const unseen = missing(all.look);
  if (unseen.length > 0) findings.unshift(error(`${whose} may not ${all.look.what}`, allow(unseen)));
  const may = (ability: Ability) => missing(ability).length === 0;
  const can = { look: may(all.look), order: may(all.order), report: may(all.report), launch: may(all.launch) };
  const role = roleName(can);
  const done = Object.values(all).flatMap((ability) => (may(ability) ? [ability.what] : []));
  return role === undefined
    ? findings
    : [
        ok(`${whose} has the rights of ${role === "operator" ? "an" : "a"} ${role}: may ${done.join(", ")}`),
        ...findings,
      ];
}
