import { asksForUser, USER_SESSIONS } from "../flow/demand/listening.ts";
import { ownField } from "../flow/payload.ts";
import type { Json } from "../model/json.ts";
import type { ServiceDecl, UserSource } from "../model/unit-set.ts";
import type { Identity } from "../process/launcher.ts";
import { type GroupEntry, parseId, type UserEntry } from "../process/users.ts";

/**
 * As whom the process of an instance runs (SPEC 6.9). Pure but for the look-ups: asked at each start, and kept over restarts.
 *
 * First what the unit says, then what the states say that the instance sees, the first of them that names anybody; two names in one place are a
 * failure, as is a user whom the daemon cannot become. What a payload says never makes it root: that takes the word of whoever wrote the unit.
 */
export type RunUser =
  | { readonly kind: "daemon"; readonly identity: Identity | undefined }
  /** `identity` undefined: the daemon is this user already, and can be no other. */
  | { readonly kind: "user"; readonly user: UserEntry; readonly identity: Identity | undefined }
  | { readonly kind: "waits"; readonly why: string }
  | { readonly kind: "fails"; readonly why: string };

/** The name of the user, before anybody looks whether there is one. `byUnit`: the unit itself says it, no payload. */
export type NamedUser =
  | { readonly kind: "daemon" }
  | { readonly kind: "named"; readonly name: string; readonly byUnit: boolean }
  | Extract<RunUser, { readonly kind: "waits" | "fails" }>;

/** What an instance sees, where payloads may name its user. */
export interface UserView {
  /** The branch that made it; undefined outside of branching. */
  readonly ownBranch: Json | undefined;
  /** Of a state the branches that it sees; `own`: those that carry its key. */
  branches(state: string): { readonly own: readonly Json[]; readonly all: readonly Json[] };
  /** Of a state the branch whose identity is its key, if it sees one. */
  identified(state: string): Json | undefined;
}

/** The users of this system. */
export interface Accounts {
  /** As whom this daemon runs. */
  readonly own: Identity;
  user(nameOrUid: string): UserEntry | undefined;
  group(nameOrGid: string): GroupEntry | undefined;
}

/** One place where the name may stand. */
interface Place {
  readonly branches: readonly Json[];
  readonly field: string;
  /** For people. */
  readonly what: string;
}

const AS_THE_DAEMON: RunUser = { kind: "daemon", identity: undefined };
const ROOT = 0;
const OWN_BRANCH = "its own branch";

export function namedUser(decl: ServiceDecl, view: UserView): NamedUser {
  const { run, space, userSource } = decl;
  if (run.user !== undefined) return { kind: "named", name: run.user, byUnit: true };
  if (space.kind === "named") return { kind: "named", name: space.user, byUnit: true };
  if (!asksForUser(decl)) return { kind: "daemon" };
  const places = [...(userSource === undefined ? [] : [sourcePlace(userSource, view)]), ...usualPlaces(view)];
  for (const { branches, field, what } of places) {
    const names = [...new Set(branches.flatMap((payload) => nameIn(payload, field)))];
    const [name] = names;
    if (name === undefined) continue;
    if (names.length === 1) return { kind: "named", name, byUnit: false };
    return { kind: "fails", why: `it cannot be told which user it is to run as: "${field}" of ${what} is ${names.join(" and ")}` };
  }
  const looked = new Set(places.map(({ field, what }) => `"${field}" of ${what}`));
  return { kind: "waits", why: `nothing names its user yet: looked for ${[...looked].join(", ")}` };
}

function sourcePlace({ state, usernameField: field, matchBranchKey }: UserSource, view: UserView): Place {
  if (state === undefined) return { branches: ownBranches(view), field, what: OWN_BRANCH };
  const { own, all } = view.branches(state);
  if (!matchBranchKey) return { branches: own.length > 0 ? own : all, field, what: state };
  const identified = view.identified(state);
  return { branches: identified === undefined ? own : [identified], field, what: `the branch of ${state} with its key` };
}

/** Where the name stands if nobody says where. */
function usualPlaces(view: UserView): readonly Place[] {
  const own = ownBranches(view);
  const logins: Place = { branches: view.branches(USER_SESSIONS).all, field: "username", what: USER_SESSIONS };
  return own.length === 0 ? [logins] : [{ branches: own, field: "username", what: OWN_BRANCH }, logins];
}

function ownBranches({ ownBranch }: UserView): readonly Json[] {
  return ownBranch === undefined ? [] : [ownBranch];
}

/** Who that is on this system. `group` goes before the user's own. */
export function runUser(named: NamedUser, group: string | undefined, accounts: Accounts): RunUser {
  if (named.kind === "waits" || named.kind === "fails") return named;
  const gid = group === undefined ? undefined : (accounts.group(group)?.gid ?? parseId(group));
  if (group !== undefined && gid === undefined) return { kind: "fails", why: `there is no group "${group}" on this system` };
  const { own } = accounts;
  if (named.kind === "daemon") return gid === undefined ? AS_THE_DAEMON : ownWithGroup(own, gid);
  const user = accounts.user(named.name) ?? (named.byUnit ? unlisted(named.name, gid) : undefined);
  if (user === undefined) return { kind: "fails", why: `there is no user "${named.name}" on this system` };
  if (!named.byUnit && user.uid === ROOT)
    return {
      kind: "fails",
      why: `what names its user says ${named.name}, and a payload makes nothing run as root: write run.user = "root"`,
    };
  if (own.uid !== ROOT) return ofPlainDaemon(user, gid, own);
  return { kind: "user", user, identity: { uid: user.uid, gid: gid ?? user.gid, groups: user.groups } };
}

/** A number that nobody bears, as in a container without /etc/passwd: the kernel needs no more. Its group is not root's, but of the same number. */
function unlisted(uidText: string, given: number | undefined): UserEntry | undefined {
  const uid = parseId(uidText);
  if (uid === undefined) return undefined;
  const gid = given ?? uid;
  return { name: uidText, uid, gid, groups: [gid], home: "/", shell: "/bin/sh" };
}

function ownWithGroup(own: Identity, gid: number): RunUser {
  if (own.uid !== ROOT && gid !== own.gid) return noRight(`with the group ${gid}`, own);
  return { kind: "daemon", identity: own.uid === ROOT ? { ...own, gid } : undefined };
}

/** A daemon that is not root can become nobody else. */
function ofPlainDaemon(user: UserEntry, gid: number | undefined, own: Identity): RunUser {
  if (user.uid !== own.uid) return noRight(`as ${user.name}`, own);
  if (gid !== undefined && gid !== own.gid) return noRight(`with the group ${gid}`, own);
  return { kind: "user", user, identity: undefined };
}

function noRight(what: string, own: Identity): RunUser {
  return {
    kind: "fails",
    why: `it is to run ${what}, and a daemon that is not root starts all as its own user (uid ${own.uid}, gid ${own.gid})`,
  };
}

/** A payload that is no json object is the name; numbers stand for the user with that number. */
function nameIn(payload: Json, field: string): readonly string[] {
  const value = typeof payload === "string" ? payload : ownField(payload, field);
  if (typeof value === "number") return [String(value)];
  return typeof value === "string" && value !== "" ? [value] : [];
}
