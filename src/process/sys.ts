import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/**
 * The door to the native part (`native/sys.c`): what the kernel offers and Node does not. Nothing else loads it.
 *
 * Loaded once, at the first question. Where there is none, as on a system that it was not built for, everything above has its own way
 * to do without, and `nativeLack` says why.
 */
export interface Sys {
  /** Orphans among the descendants become children of this process from now on, see prctl(2). */
  becomeSubreaper(): void;
  /** The pid of a child that has ended and is not reaped yet, whoever started it; undefined: there is none. */
  findDead(): number | undefined;
  /** Reaps this child; false where it lives, or is none of this process. */
  reap(pid: number): boolean;
  /** Who opened the other end of this unix socket; undefined where it is none. */
  peer(fd: number): Credentials | undefined;
  /** The two ends of a pipe; throws where none can be made. Node closes neither, and gives neither to a child unless told so. */
  openPipe(): { readonly readEnd: number; readonly writeEnd: number };
  /** A unix datagram socket that is told who sends; throws where it cannot be made. */
  bindDatagrams(path: string): number;
  /** Calls back, in a turn of its own, whenever a descriptor that was added has something to read. Once per process; throws where that cannot be. */
  watch(onReadable: () => void): void;
  add(fd: number): void;
  remove(fd: number): void;
  /** Which of the descriptors that were added have something to read, at most 64; of more, others the next time. */
  ready(): readonly number[];
  /** The next datagram; undefined where none waits. Descriptors that came with it are closed. */
  receive(fd: number): Datagram | undefined;
}

/** As the kernel knows them: nobody can lie about them but root. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface Datagram extends Credentials {
  /** At most 64 KiB. */
  readonly bytes: Buffer;
  /** Whether it was longer than that. */
  readonly truncated: boolean;
}

/** What is kept of one datagram. */
const DATAGRAM_BYTES = 65_536;

/** The functions of the addon. Numbers below 0 are errors. */
interface Addon {
  becomeSubreaper(): number;
  findDead(): number;
  reap(pid: number): number;
  peer(fd: number, out: Int32Array): number;
  openPipe(ends: Int32Array): number;
  bindDatagrams(path: string): number;
  watch(callback: () => void): number;
  add(fd: number): number;
  remove(fd: number): number;
  ready(fds: Int32Array): number;
  receive(fd: number, bytes: Uint8Array, sender: Int32Array): number;
}

type Loaded = { readonly sys: Sys } | { readonly lack: string };

let loaded: Loaded | undefined;

/** undefined: there is no native part here. */
export function native(): Sys | undefined {
  loaded ??= load();
  return "sys" in loaded ? loaded.sys : undefined;
}

/** Why there is no native part; undefined: there is one. */
export function nativeLack(): string | undefined {
  loaded ??= load();
  return "lack" in loaded ? loaded.lack : undefined;
}

// Beside the bundle, above its chunks, or, from the sources, where the build puts it.
const PLACES = ["./sys.node", "../sys.node", "../../dist/sys.node"];

function load(): Loaded {
  const path = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((place) => existsSync(place));
  if (path === undefined) return { lack: "it was not built (sys.node is not beside the program)" };
  // The one call that loads an addon by its path wherever it is called from; it fills in `exports`.
  const holder = { exports: {} };
  try {
    process.dlopen(holder, path);
  } catch (error) {
    return { lack: error instanceof Error ? error.message : String(error) };
  }
  // What sys.c offers, function by function.
  return { sys: typed(holder.exports as Addon) };
}

function typed(addon: Addon): Sys {
  const bytes = new Uint8Array(DATAGRAM_BYTES);
  const sender = new Int32Array(4);
  const ends = new Int32Array(2);
  const readable = new Int32Array(64);
  const credentials = (): Credentials => ({ pid: sender[0] ?? -1, uid: unsigned(sender[1]), gid: unsigned(sender[2]) });
  return {
    becomeSubreaper: () => void check("prctl", addon.becomeSubreaper()),
    findDead: () => {
      const pid = addon.findDead();
      return pid > 0 ? pid : undefined;
    },
    reap: (pid) => addon.reap(pid) === pid,
    peer: (fd) => (addon.peer(fd, sender) === 0 ? credentials() : undefined),
    openPipe: () => {
      check("pipe", addon.openPipe(ends));
      return { readEnd: ends[0] ?? -1, writeEnd: ends[1] ?? -1 };
    },
    bindDatagrams: (path) => check("bind", addon.bindDatagrams(path)),
    watch: (onReadable) => void check("epoll", addon.watch(onReadable)),
    add: (fd) => void check("epoll_ctl", addon.add(fd)),
    remove: (fd) => void addon.remove(fd),
    ready: () => [...readable.subarray(0, Math.max(0, addon.ready(readable)))],
    receive: (fd) => {
      const length = addon.receive(fd, bytes, sender);
      if (length < 0) return undefined;
      return { ...credentials(), bytes: Buffer.from(bytes.subarray(0, length)), truncated: sender[3] === 1 };
    },
  };
}

function unsigned(id: number | undefined): number {
  return (id ?? -1) >>> 0;
}

function check(call: string, result: number): number {
  if (result >= 0) return result;
  const code = Object.entries(constants.errno).find(([, value]) => value === -result)?.[0] ?? `error ${-result}`;
  throw Object.assign(new Error(`${call}: ${code}`), { code });
}
