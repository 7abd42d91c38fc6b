/** What one item's values are resolved in: who it is, what names mean to it, and where its mistakes go. */
import { isAbsolute, resolve } from "node:path";
import type { Facts, FactName, Wanted } from "./facts.ts";
import { describeAmbiguous, describeMissing, inGroup, type Kind, type Names } from "./names.ts";
import type { Path, Report } from "./problem.ts";
import type { Project } from "./project.ts";

/** What all items share. */
export interface Units {
  readonly names: Names;
  readonly facts: Facts;
  readonly project: Project;
  /** Services that are checked but never run, and why: what refers to them refers to nothing. */
  readonly absent: ReadonlyMap<string, string>;
  /** What has errors was left out, and the rest is to run. */
  readonly leavesOut: boolean;
}

const SUBSTITUTION = /\$\{(env|git|port):([^}]*)\}/g;

export class Scope {
  readonly report: Report;
  readonly #units: Units;
  readonly #group: string;
  readonly #literal: boolean;

  /** `literal`: `${...}` is left as it stands. */
  constructor(units: Units, group: string, report: Report, options: { readonly literal: boolean } = { literal: false }) {
    this.#units = units;
    this.#group = group;
    this.#literal = options.literal;
    this.report = report;
  }

  get units(): Units {
    return this.#units;
  }

  /** The full name of a state or signal; undefined after an error. */
  fact(reference: string, wanted: Wanted, path: Path): FactName | undefined {
    return this.#units.facts.refer(reference, wanted, { group: this.#group, report: this.report, path });
  }

  state(reference: string, path: Path): string | undefined {
    return this.fact(reference, "state", path)?.name;
  }

  sourceState(reference: string, key: string, path: Path): string | undefined {
    return this.#units.facts.referSource(reference, key, { group: this.#group, report: this.report, path });
  }

  isState(whole: string, state: string, path: Path): boolean | undefined {
    return this.#units.facts.isState(whole, state, { group: this.#group, report: this.report, path });
  }

  isService(reference: string): boolean {
    return this.#units.names.find(["service"], reference, this.#group).kind === "one";
  }

  /** undefined also of what was left out because of errors. */
  service(reference: string, path: Path): string | undefined {
    const name = this.#declared("service", reference, path);
    if (name !== undefined && this.#units.names.isOmitted("service", name)) return undefined;
    const reason = name === undefined ? undefined : this.#units.absent.get(name);
    if (reason === undefined) return name;
    this.report.error(path, `service "${reference}" never runs: ${reason}`);
    return undefined;
  }

  /** As `service`, of one that is waited for: what was left out because of errors keeps its name, and never comes. */
  awaitedService(reference: string, path: Path): string | undefined {
    const { names, leavesOut } = this.#units;
    const found = names.find(["service"], reference, this.#group);
    if (found.kind === "one" && names.isOmitted("service", found.name)) return found.name;
    if (leavesOut && found.kind === "none" && names.mayBeUnread(reference)) return names.unreadName(reference, this.#group);
    return this.service(reference, path);
  }

  /** As `service`, where it is no mistake that there is none, or one that never runs. */
  presentService(reference: string, path: Path): string | undefined {
    const { names, absent } = this.#units;
    const found = names.find(["service"], reference, this.#group);
    if (found.kind === "many") {
      const { message, hint } = describeAmbiguous(reference, found.names);
      this.report.error(path, message, hint);
    }
    return found.kind === "one" && !absent.has(found.name) && !names.isOmitted("service", found.name) ? found.name : undefined;
  }

  variable(reference: string, path: Path): string | undefined {
    return this.#declared("variable", reference, path);
  }

  /** A permission; one that there is not is nobody's. */
  permission(reference: string, path: Path): string {
    return this.#declared("permission", reference, path) ?? inGroup(reference, this.#group);
  }

  mount(reference: string, path: Path): string | undefined {
    const name = this.#declared("mount", reference, path);
    return name !== undefined && this.#units.names.isOmitted("mount", name) ? undefined : name;
  }

  /** An absolute path; a relative one is relative to the project folder. */
  path(text: string, path: Path): string {
    return resolve(this.#units.project.folder, this.expand(text, path));
  }

  /** A program: a path where it has a slash in it, else a name that is looked up when it is started. */
  program(text: string, path: Path): string {
    const expanded = this.expand(text, path);
    return expanded.includes("/") && !isAbsolute(expanded) ? resolve(this.#units.project.folder, expanded) : expanded;
  }

  /** Replaces `${env:NAME}` and `${git:root}`; every other `$` is left alone. */
  expand(text: string, path: Path): string {
    if (this.#literal || !text.includes("${")) return text;
    return text.replace(SUBSTITUTION, (whole: string, kind: string, name: string) => {
      const value = this.#substitute(kind, name, path);
      return value ?? whole;
    });
  }

  #substitute(kind: string, name: string, path: Path): string | undefined {
    const { project } = this.#units;
    if (kind === "port") {
      this.report.error(path, `"\${port:${name}}" is not supported yet`);
      return undefined;
    }
    if (kind === "git" && name !== "root") {
      this.report.error(path, `"\${git:${name}}" means nothing`, "there is ${git:root}");
      return undefined;
    }
    const value = kind === "git" ? project.gitRoot() : project.env[name];
    if (value === undefined) {
      const message =
        kind === "git" ? `"\${git:root}": ${project.folder} lies in no git work tree` : `the environment variable "${name}" is not set`;
      this.report.error(path, message);
    }
    return value;
  }

  #declared(kind: Kind, reference: string, path: Path): string | undefined {
    const { names, leavesOut } = this.#units;
    const found = names.find([kind], reference, this.#group);
    if (found.kind === "one") return found.name;
    if (names.mayBeUnread(reference)) return leavesOut && kind === "variable" ? names.unreadName(reference, this.#group) : undefined;
    const { message, hint } = describeMissing(kind, reference, this.#group, found, names);
    this.report.error(path, message, hint);
    return undefined;
  }
}
