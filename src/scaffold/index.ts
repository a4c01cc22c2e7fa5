// Makes new things for users from templates. Heavy (yaml, handlebars): import it lazily.

export { WriteError } from "../common/transaction.ts";
export { askForService, defineGenerators, openRender, serviceRequest } from "./generator.ts";
export { InterruptedError } from "./interruptible.ts";
export { ServiceNameError } from "./names.ts";
export { type NewProject, newProject, type ScaffoldedProject } from "./new-project.ts";
export { FileExistsError, newService, newTypes, type Scaffolded } from "./new-service.ts";
export { ServicesFileError } from "./services-file.ts";
