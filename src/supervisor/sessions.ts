import type { Session, SessionGiven, SessionWanted } from "../control/api.ts";
import { RejectedError } from "../errors/rind-error.ts";
import { USER_SESSIONS } from "../flow/demand/listening.ts";
import { ownField } from "../flow/payload.ts";
import type { Change, Write } from "../model/change.ts";
import type { Fact, StateFact } from "../model/fact.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { KnownProcess } from "../process/watch-end.ts";
import type { UserFolders } from "./user-folders.ts";
import type { Users } from "./users.ts";
import type { World } from "./world.ts";

/** The processes that lead sessions. */
export interface Leaders {
  /** undefined: there is no such process. */
  find(pid: number): KnownProcess | undefined;
  isRunning(known: KnownProcess): boolean;
  /** Calls back once when it has ended, never inside of this call; undefined: it has. Returns the way to end the watch. */
  watch(known: KnownProcess, onEnd: () => void): (() => void) | undefined;
}

/**
 * Who is logged in: the branches of `rind@user-session`, one for each session. One with a leader goes with that process, whatever ends it: a login that
 * is killed closes nothing. Sessions that were set by hand have none, and stay until they are unset.
 */
export class Sessions {
  readonly #world: World;
  readonly #users: Users;
  readonly #folders: UserFolders;
  readonly #leaders: Leaders;
  /** By the key of the branch. */
  readonly #watched = new Map<string, { readonly leader: KnownProcess; readonly end: () => void }>();

  constructor(world: World, users: Users, folders: UserFolders, leaders: Leaders) {
    this.#world = world;
    this.#users = users;
    this.#folders = folders;
    this.#leaders = leaders;
    world.bus.state(USER_SESSIONS).subscribe((fact) => this.#changed(fact));
  }

  /** The session as it is to be set, with the runtime folder of its user made. Throws a `RejectedError` where there is no such user or leader. */
  prepare({ username, leader: pid, session_id: id, ...words }: SessionGiven): Session {
    const user = this.#users.named(username);
    if (user === undefined) throw new RejectedError(`there is no user "${username}" on this system`);
    const leader = pid === undefined ? undefined : this.#leaders.find(pid);
    if (pid !== undefined && leader === undefined) throw new RejectedError(`there is no process ${pid} to lead the session`);
    const folder = this.#folders.of(user);
    const tty = deviceOf(words.tty);
    const parts = leader === undefined ? (tty === undefined ? [] : [tty]) : [leader.pid, leader.start];
    return {
      session_id: id ?? [user.name, ...parts].join("-"),
      username: user.name,
      uid: user.uid,
      ...(tty === undefined ? {} : { tty }),
      ...(words.service === undefined ? {} : { service: words.service }),
      ...(words.host === undefined ? {} : { host: words.host }),
      ...(folder === undefined ? {} : { runtime_dir: folder }),
      ...(leader === undefined ? {} : { leader }),
    };
  }

  /** Those that are meant. */
  find({ session_id: id, leader: pid, username, tty }: SessionWanted): readonly JsonObject[] {
    const device = deviceOf(tty);
    const all = [...this.#world.flow.branches(USER_SESSIONS)];
    return all.flatMap(([key, session]) => {
      const leads = pid === undefined || leaderOf(session)?.pid === pid;
      const isHis = (username ?? ownField(session, "username")) === ownField(session, "username");
      const isThere = (device ?? ownField(session, "tty")) === ownField(session, "tty");
      const isMeant = id === undefined ? leads && isHis && isThere : key === id;
      return isMeant && isJsonObject(session) ? [session] : [];
    });
  }

  /** Of what is stored all but the sessions whose leader has ended while no daemon watched. */
  living(stored: readonly Write[]): { readonly kept: readonly Write[]; readonly over: readonly Write[] } {
    const isOver = ({ state, payload }: Write): boolean => {
      const leader = state === USER_SESSIONS ? leaderOf(payload) : undefined;
      return leader !== undefined && !this.#leaders.isRunning(leader);
    };
    return {
      kept: stored.filter((write) => !isOver(write)),
      over: stored.filter(isOver).map((write) => ({ ...write, payload: undefined })),
    };
  }

  #changed({ key, before, after }: Fact & StateFact): void {
    // in the daemon of a user they are the system's affair
    if (this.#world.index.program.states.get(USER_SESSIONS)?.imported === true) return;
    const leader = leaderOf(after);
    const watched = this.#watched.get(key);
    if (watched !== undefined && watched.leader.pid === leader?.pid && watched.leader.start === leader.start) return;
    watched?.end();
    this.#watched.delete(key);
    if (after === undefined && before !== undefined) this.#folders.releaseUnused();
    else if (leader !== undefined) this.#watch(key, leader);
  }

  #watch(key: string, leader: KnownProcess): void {
    const ended = (): void =>
      this.#world.door.submit({
        what: `process ${leader.pid}, which leads session ${key}, has ended`,
        act: (cause) => {
          const session = this.#world.flow.branches(USER_SESSIONS).get(key);
          const now = leaderOf(session);
          const isStill = now?.pid === leader.pid && now.start === leader.start;
          if (isStill && isJsonObject(session)) this.#world.apply([closing(session)], [cause]);
        },
      });
    const end = this.#leaders.watch(leader, ended);
    if (end === undefined) ended();
    else this.#watched.set(key, { leader, end });
  }
}

/** `tty1` is what some call `/dev/tty1`. */
function deviceOf(tty: string | undefined): string | undefined {
  return tty?.replace(/^\/dev\//, "");
}

/** The change that ends a session. */
export function closing(session: JsonObject): Change {
  return { op: "unset", state: USER_SESSIONS, filter: { session_id: session["session_id"] ?? null } };
}

/** A branch as it is answered: one that was set by hand may have anything in it. */
export function sessionOf(branch: JsonObject): Session {
  const textOf = (field: string): string | undefined => {
    const value = ownField(branch, field);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const texts = SESSION_TEXTS.flatMap((field) => {
    const text = textOf(field);
    return text === undefined ? [] : [[field, text] as const];
  });
  const uid = ownField(branch, "uid");
  const leader = leaderOf(branch);
  return {
    session_id: textOf("session_id") ?? "",
    username: textOf("username") ?? "",
    ...(typeof uid === "number" ? { uid } : {}),
    ...Object.fromEntries(texts),
    ...(leader === undefined ? {} : { leader }),
  };
}

const SESSION_TEXTS = ["tty", "service", "host", "runtime_dir"] as const;

function leaderOf(payload: Json | undefined): KnownProcess | undefined {
  const leader = ownField(payload, "leader");
  const [pid, start] = [ownField(leader, "pid"), ownField(leader, "start")];
  return typeof pid === "number" && typeof start === "number" ? { pid, start } : undefined;
}
