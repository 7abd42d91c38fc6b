import type { Identity } from "../../src/process/launcher.ts";
import type { UserEntry } from "../../src/process/users.ts";
import type { KnownProcess } from "../../src/process/watch-end.ts";
import type { Leaders } from "../../src/supervisor/sessions.ts";
import type { UserSide } from "../../src/supervisor/system-users.ts";
import type { FolderMaker } from "../../src/supervisor/user-folders.ts";

/** Users of a system on paper: root, alice (1000, with audio and video), bob (1001), carol (1002), and alias, who is alice. */
export class PaperUsers implements UserSide {
  readonly own: Identity;
  readonly maker: FolderMaker | undefined;
  readonly leaders: Leaders = {
    find: (pid) => this.processes.get(pid),
    isRunning: ({ pid, start }) => this.processes.get(pid)?.start === start,
    watch: (known, onEnd) => {
      if (!this.leaders.isRunning(known)) return undefined;
      const watch = { pid: known.pid, onEnd };
      this.#watched.add(watch);
      return () => void this.#watched.delete(watch);
    },
  };
  /** uids of those whose folder was asked to go. */
  readonly removed: number[] = [];
  /** Processes that may lead sessions, by pid. */
  readonly processes: Map<number, KnownProcess>;
  readonly #watched = new Set<{ readonly pid: number; readonly onEnd: () => void }>();
  /** uids of those who have a runtime folder. */
  readonly folders = new Set<number>();
  readonly #entries: readonly UserEntry[] = [
    { name: "root", uid: 0, gid: 0, groups: [0], home: "/", shell: "/bin/sh" },
    { name: "alice", uid: 1_000, gid: 1_000, groups: [1_000, 29, 44], home: "/", shell: "/bin/bash" },
    { name: "bob", uid: 1_001, gid: 1_001, groups: [1_001], home: "/nonexistent", shell: "/bin/sh" },
    { name: "carol", uid: 1_002, gid: 100, groups: [100], home: "/", shell: "/bin/sh" },
    { name: "alias", uid: 1_000, gid: 1_000, groups: [1_000], home: "/", shell: "/bin/sh" },
  ];

  constructor(uid: number, processes: Map<number, KnownProcess>) {
    this.processes = processes;
    const user = this.user(String(uid));
    this.own = { uid, gid: user?.gid ?? uid, groups: user?.groups ?? [] };
    this.maker = uid !== 0 ? undefined : { make: (of) => this.#make(of), remove: (gone) => this.#remove(gone) };
  }

  user(nameOrUid: string): UserEntry | undefined {
    return this.#entries.find(({ name, uid }) => name === nameOrUid || String(uid) === nameOrUid);
  }

  group(nameOrGid: string): { readonly name: string; readonly gid: number } | undefined {
    return [
      { name: "audio", gid: 29 },
      { name: "users", gid: 100 },
    ].find(({ name, gid }) => name === nameOrGid || String(gid) === nameOrGid);
  }

  /** The process ends, and who watches it hears of it. */
  end(pid: number): void {
    this.processes.delete(pid);
    for (const watch of this.#watched) if (watch.pid === pid) watch.onEnd();
  }

  /** pids of those whose end is watched. */
  watched(): readonly number[] {
    return [...this.#watched].map((watch) => watch.pid);
  }

  #make({ uid }: UserEntry): ReturnType<FolderMaker["make"]> {
    const isNew = !this.folders.has(uid);
    this.folders.add(uid);
    return { path: `/run/user/${uid}`, isNew };
  }

  #remove(uid: number): Promise<undefined> {
    this.removed.push(uid);
    this.folders.delete(uid);
    return Promise.resolve(undefined);
  }
}
