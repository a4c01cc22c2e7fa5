// The generators, as plop knows them: the questions they ask, and what is done with the answers.
import { resolve } from "node:path";
import type { NodePlopAPI } from "node-plop";
import { TcsError } from "../common/errors.ts";
import { interruptible } from "./interruptible.ts";
import { DEFAULT_KIND, KIND_NAMES, parseFieldValue, parseKind, SERVICE_KINDS } from "./kinds.ts";
import { checkVariant, serviceNames } from "./names.ts";
import { type NewService, newService, type Render } from "./new-service.ts";
import type { ServiceKind } from "./service-kind.ts";

/** What the questions of the service generator yield. */
export interface ServiceAnswers {
  name?: string | undefined;
  kind?: string | undefined;
  variant?: string | undefined;
  /** Of the kind's number field. */
  value?: string | undefined;
  message?: string | undefined;
}

const DEFAULT_VARIANT = "main";
const SERVICES_FILE = "services.yaml";

/** Registers our generators with plop. */
export function defineGenerators(plop: NodePlopAPI): void {
  plop.setGenerator("service", {
    description: "a service: its file, a test, a row in services.yaml, and what an editor needs",
    prompts: [...SERVICE_QUESTIONS],
    actions: [
      // plop puts its --force into the configuration it hands to the action.
      async (answers, config, { getDestBasePath, getPlopfilePath, renderString }) => {
        // Without --dest plop means the plopfile's own folder, where no service belongs.
        const folder = getDestBasePath() === getPlopfilePath() ? process.cwd() : getDestBasePath();
        const force = config !== undefined && "force" in config && config.force === true;
        try {
          const { files, notes } = await newService(serviceRequest(answers, { folder, force }), renderString);
          return [...files.map((file) => `${file.action} ${file.path}`), ...notes].join("\n");
        } catch (error) {
          // plop shows an error's message only.
          throw error instanceof TcsError && error.hint ? `${error.message} (${error.hint})` : error;
        }
      },
    ],
  });
}

export interface Place {
  folder: string;
  force: boolean;
  /** By default `services.yaml` in the folder. */
  servicesFile?: string | undefined;
}

/** A request from answers; those not given take their defaults. @throws UsageError */
export function serviceRequest(answers: ServiceAnswers, { folder, force, servicesFile }: Place): NewService {
  const { name = "", kind: kindName = DEFAULT_KIND, variant = DEFAULT_VARIANT } = answers;
  const names = serviceNames(name);
  const kind = parseKind(kindName);
  checkVariant(variant);
  return {
    names,
    kind,
    variant,
    folder: resolve(folder),
    servicesFile: resolve(servicesFile ?? resolve(folder, SERVICES_FILE)),
    force,
    ...(answers.value === undefined ? {} : { value: parseFieldValue(kind, answers.value) }),
    ...(answers.message === undefined ? {} : { message: answers.message }),
  };
}

/** Asks in the terminal for what `given` lacks. @throws InterruptedError */
export async function askForService(given: ServiceAnswers): Promise<ServiceAnswers> {
  const plop = await openPlop();
  defineGenerators(plop);
  const askAnyway = "_";
  const bypass = SERVICE_QUESTIONS.map(({ name }) => given[name] ?? askAnyway);
  return await interruptible(() => plop.getGenerator("service").runPrompts(bypass));
}

/** The template engine behind the generators. */
export async function openRender(): Promise<Render> {
  return (await openPlop()).renderString;
}

async function openPlop(): Promise<NodePlopAPI> {
  const { default: nodePlop } = await import("node-plop");
  return await nodePlop("", { destBasePath: process.cwd(), force: false });
}

const SERVICE_QUESTIONS = [
  {
    type: "input",
    name: "name",
    message: "Name of the service, as telescope_monitor",
    validate: answered((text) => serviceNames(text)),
  },
  {
    type: "list",
    name: "kind",
    message: "Kind",
    choices: KIND_NAMES.map((value) => ({ value, name: `${value}: ${SERVICE_KINDS[value].description}` })),
    default: DEFAULT_KIND,
  },
  {
    type: "input",
    name: "variant",
    message: "Variant (one type can run several times)",
    default: DEFAULT_VARIANT,
    validate: answered(checkVariant),
  },
  {
    type: "input",
    name: "value",
    message: ({ kind }: ServiceAnswers) => `${kindOf(kind).field.name}: ${kindOf(kind).field.description}`,
    default: ({ kind }: ServiceAnswers) => String(kindOf(kind).field.value),
    validate: answered((text, { kind } = {}) => parseFieldValue(parseKind(kind ?? DEFAULT_KIND), text)),
  },
  {
    type: "input",
    name: "message",
    message: "message: the text it logs",
    default: ({ kind }: ServiceAnswers) => kindOf(kind).message,
  },
] as const;

function kindOf(name: string = DEFAULT_KIND): ServiceKind {
  return SERVICE_KINDS[parseKind(name)];
}

/** A check that throws, as a prompt wants it: true, or what is wrong. */
function answered(check: (text: string, answers?: ServiceAnswers) => unknown) {
  return (text: string, answers?: ServiceAnswers): true | string => {
    try {
      check(text, answers);
      return true;
    } catch (error) {
      if (error instanceof TcsError) return error.message;
      throw error;
    }
  };
}
