// What can be run from a place: every service that is known there, with what it is for and what it takes.

export type { Origin } from "./candidates.ts";
export { type Catalogue, type CatalogueEntry, readCatalogue } from "./catalogue.ts";
export { describeInWorkers } from "./describe-worker.ts";
