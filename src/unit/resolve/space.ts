/** Whose service it is, and who tells (SPEC 6.9): what cannot be meant together is said here, who it is only at each start. */
import type { Branching, PayloadKind, RunDecl, ServiceDecl, Space, UserSource } from "../../model/unit-set.ts";
import type { RawService } from "../schema/service.ts";
import type { Scope } from "../scope.ts";

export function resolveSpace(
  raw: RawService,
  { run, branching }: { readonly run: RunDecl | undefined; readonly branching: Branching | undefined },
  payloadOf: (state: string) => PayloadKind | undefined,
  scope: Scope,
): Pick<ServiceDecl, "space" | "userSource"> {
  const space = spaceOf(raw, scope);
  const userSource = userSourceOf(raw["user-source"], { space, branching, payloadOf }, scope);
  if (run?.user !== undefined && space.kind === "named") {
    scope.report.error(["run", "user"], '"run.user" and "space" both name its user', "give one of them");
  }
  if (run?.user !== undefined && space.kind === "user") {
    scope.report.warning(
      ["run", "user"],
      `"run.user" goes before the user of space = "user": it always runs as ${run.user}`,
      "leave out one of them",
    );
  }
  return { space, userSource };
}

function spaceOf({ space, user }: RawService, scope: Scope): Space {
  if (typeof space === "object") {
    if (user !== undefined) scope.report.error(["user"], '"user" and "space" both name its user', "give one of them");
    return { kind: "named", user: space.user };
  }
  if (space === "user-selective") {
    if (user === undefined) scope.report.error(["space"], 'space = "user_selective" needs "user"', 'write space = { user = "alice" }');
    return { kind: "named", user: user ?? "" };
  }
  if (user !== undefined)
    scope.report.error(["user"], `"user" means nothing with space = "${space}"`, 'write run.user, or space = { user = "alice" }');
  return space === "user" ? USER : SYSTEM;
}

const SYSTEM: Space = { kind: "system" };
const USER: Space = { kind: "user" };

function userSourceOf(
  raw: RawService["user-source"],
  service: {
    readonly space: Space;
    readonly branching: Branching | undefined;
    readonly payloadOf: (state: string) => PayloadKind | undefined;
  },
  scope: Scope,
): UserSource | undefined {
  if (raw === undefined) return undefined;
  const { space, branching, payloadOf } = service;
  const path = ["user-source"];
  if (space.kind !== "user") scope.report.error(path, '"user-source" needs space = "user"', "else nobody asks for its user");
  const matchBranchKey = raw["match-branch-key"] ?? false;
  const usernameField = raw["username-field"];
  if (raw.state === undefined) {
    const at = [...path, "branch"];
    if (branching === undefined) scope.report.error(at, "it has no branch of its own: it does not branch", 'give "state", or "branching"');
    if (matchBranchKey) scope.report.error([...path, "match-branch-key"], "its own branch is found without a key", "leave this out");
    return { state: undefined, usernameField, matchBranchKey: false };
  }
  if (matchBranchKey && branching === undefined) {
    scope.report.error([...path, "match-branch-key"], "there is no branch key: it does not branch", 'leave this out, or give "branching"');
  }
  const state = scope.state(raw.state, [...path, "state"]);
  if (state === undefined) return undefined;
  const payload = payloadOf(state) ?? "json";
  if (payload !== "json") scope.report.error([...path, "state"], `the payload of "${state}" is ${payload}, and only json has fields`);
  return { state, usernameField, matchBranchKey };
}
