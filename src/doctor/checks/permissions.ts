// May this user do what viewers, operators, services and launchers do? Tried, with messages that change nothing.
import { bucketName } from "../../launcher/ownership/bucket.ts";
import { describeLogin } from "../../messaging/login.ts";
import { Subjects } from "../../messaging/subjects.ts";
import type { BrokerContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { type Right, refusedRights } from "../permission-trial.ts";

/** A name that no service has. */
const NOBODY = "tcs-doctor";

interface Rule extends Right {
  /** As an operator would write it into the broker's configuration. */
  rule: string;
}

interface Role {
  /** After "may not". */
  what: string;
  rights: Rule[];
}

/** What each role needs beyond those before it. */
export function rolesOf(prefix: string): { viewer: Role; others: Role[] } {
  const subjects = new Subjects(prefix);
  const bucket = bucketName(prefix);
  const publish = (rule: string, subject: string): Rule => ({ verb: "publish", rule, subject });
  const subscribe = (rule: string, subject: string): Rule => ({ verb: "subscribe", rule, subject });
  return {
    viewer: {
      what: "see the fleet",
      rights: [
        subscribe("_INBOX.>", `_INBOX.${NOBODY}`),
        publish("$JS.API.STREAM.NAMES", "$JS.API.STREAM.NAMES"),
        // JetStream refuses both: the stream of that name is not the one the request speaks of.
        publish("$JS.API.STREAM.INFO.*", `$JS.API.STREAM.INFO.${NOBODY}`),
        publish("$JS.API.CONSUMER.CREATE.>", `$JS.API.CONSUMER.CREATE.${NOBODY}`),
      ],
    },
    others: [
      {
        what: "give orders to launchers and services",
        rights: [publish(`${prefix}.rpc.>`, subjects.rpc(NOBODY, "doctor"))],
      },
      {
        what: "report for a service",
        rights: [
          publish(`${prefix}.status.>`, subjects.status(NOBODY)),
          publish(`${prefix}.heartbeat.>`, subjects.heartbeat(NOBODY)),
          subscribe(`${prefix}.rpc.>`, subjects.rpc(NOBODY, "*")),
        ],
      },
      {
        what: "run a launcher",
        rights: [
          publish(`${prefix}.registry.>`, subjects.registry("declared", NOBODY)),
          publish(`${prefix}.log.>`, subjects.log("debug", NOBODY)),
          publish("$JS.API.STREAM.CREATE.*", `$JS.API.STREAM.CREATE.${NOBODY}`),
          publish(`$JS.API.STREAM.MSG.GET.KV_${bucket}`, `$JS.API.STREAM.MSG.GET.KV_${bucket}`),
          publish(`$KV.${bucket}.>`, `$KV.${bucket}.${NOBODY}`),
          subscribe(`$KV.${bucket}.>`, `$KV.${bucket}.${NOBODY}`),
        ],
      },
    ],
  };
}

export async function checkPermissions({ look: { connection, prefix }, settings }: BrokerContext): Promise<Finding[]> {
  const { viewer, others } = rolesOf(prefix);
  const refused = new Set(
    await refusedRights(
      connection,
      [viewer, ...others].flatMap(({ rights }) => rights),
    ),
  );
  const missing = ({ rights }: Role) => rights.filter((right) => refused.has(right));
  const whose = describeLogin(settings) ?? "this user";
  const allow = (rules: readonly Rule[]) =>
    `in the broker's configuration allow ${whose}: ${rules.map(({ verb, rule }) => `${verb} ${rule}`).join(", ")}`;
  const findings = others.flatMap((role) => {
    const rules = missing(role);
    return rules.length === 0 ? [] : [warning(`${whose} may not ${role.what}`, allow(rules))];
  });
  const unseen = missing(viewer);
  if (unseen.length > 0) findings.unshift(error(`${whose} may not ${viewer.what}`, allow(unseen)));
  return findings.length > 0 ? findings : [ok(`${whose} may see the fleet, give orders, report, and run launchers`)];
}
