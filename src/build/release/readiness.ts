// Whether a commit can be released: what whoever gets it relies on.
import { TcsError } from "../../common/errors.ts";
import type { Sources } from "../identity.ts";
import { missingIn } from "./changelog.ts";

/** This many changed files are named. */
const NAMED = 5;

/** What is looked at, all of the same commit. */
export interface Candidate extends Sources {
  /** The version in package.json. */
  planned: string;
  changelog: string;
}

/** @throws TcsError that says what is missing, and what to do */
export function assertReady(candidate: Candidate): void {
  const { inGit, changed, tag, planned, changelog, identity } = candidate;
  const snapshot = "or try it as it is: npm run release -- --snapshot";
  if (!inGit) throw new TcsError("a release is made from a git repository: this folder is none", { hint: snapshot });
  if (changed.length > 0) {
    const more = changed.length > NAMED ? ` and ${changed.length - NAMED} more` : "";
    const files = `${changed.slice(0, NAMED).join(", ")}${more}`;
    throw new TcsError(`files differ from the commit: ${files}`, { hint: `commit them first, ${snapshot}` });
  }
  if (tag === undefined) {
    throw new TcsError(`the commit ${identity.commit} has no tag that names a version`, {
      hint: `git tag v${planned}, ${snapshot}`,
    });
  }
  if (tag !== planned) {
    throw new TcsError(`the tag is v${tag}, and package.json has version ${planned}`, {
      hint: `npm version ${tag} --no-git-tag-version, commit, and tag that commit`,
    });
  }
  const missing = missingIn(changelog, tag);
  if (missing !== undefined) {
    throw new TcsError(`CHANGELOG.md does not tell of ${tag}: ${missing}`, {
      hint: `rename its section [Unreleased], commit, and tag that commit`,
    });
  }
}
