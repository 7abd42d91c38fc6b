import { constants } from "node:os";
import { signalName } from "../lib/signal-name.ts";
import type { Exit } from "../model/exit.ts";
import { packWords } from "./spawn-request.ts";
import { useShippedFile } from "./shipped-file.ts";

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
  /** Reaps this child and says how it ended; undefined where it lives, or is none of this process. */
  reap(pid: number): Exit | undefined;
  /**
   * Begins the thread that starts processes; calls back, in a turn of its own, when there is something for `takeReports`. Once per process, throws where
   * that cannot be. See launch-thread.ts, which alone uses it.
   */
  listen(onReports: () => void): void;
  /**
   * Has that thread start a process, which this one has to reap: the number of the job, see `PackedRequest`. Costs the same however much memory and however many
   * descriptors this process has. Every signal has its default and is unblocked; of the descriptors it gets only 0, 1 and 2. undefined: a text
   * holds a NUL.
   */
  start(request: Uint8Array, length: number): number | undefined;
  /** Fills in the jobs that are over: of each its number and its report. How many. */
  takeReports(reports: Int32Array): number;
  /** Whether this process, and nobody else, lives in the cgroup of this folder, and there is none below it. */
  isAlone(folder: string, pid: number): boolean;
  /** Whether that thread has started this child, which has not been reaped. */
  isFromLauncher(pid: number): boolean;
  /** The name of an error that is below 0, such as `EACCES`. */
  codeOf(result: number): string;
  /** Who opened the other end of this unix socket; undefined where it is none. */
  peer(fd: number): Credentials | undefined;
  /** The two ends of a pipe, of which that to read from does not block; throws where none can be made. Node closes neither, and gives neither to a child unless told so. */
  openPipe(): { readonly readEnd: number; readonly writeEnd: number };
  /** A unix datagram socket that is told who sends; throws where it cannot be made. */
  bindDatagrams(path: string): number;
  /** A connection to the unix socket at `path`, which blocks whoever reads from it; undefined where it cannot be had at once. */
  connect(path: string): number | undefined;
  /** Calls back, in a turn of its own, whenever a descriptor that was added has something to read. Once per process; throws where that cannot be. */
  watch(onReadable: () => void): void;
  add(fd: number): void;
  remove(fd: number): void;
  /** Which of the descriptors that were added have something to read, at most 64; of more, others the next time. */
  ready(): readonly number[];
  /**
   * Where to put what `addOutput` names, and whom to tell: `onBytes(count)`, in a turn of its own. Then `report` begins with `count` pairs of a descriptor and
   * how many bytes came from it, 0 for its end, and these are in `bytes`, one after the other. Once per process; throws where that cannot be.
   */
  watchOutputs(bytes: Uint8Array, report: Int32Array, onBytes: (count: number) => void): void;
  addOutput(fd: number): void;
  removeOutput(fd: number): void;
  /** Of one that is read no more. */
  closeOutput(fd: number): void;
  countNewlines(bytes: Uint8Array): number;
  /** The next datagram; undefined where none waits. Descriptors that came with it are closed. */
  receive(fd: number): Datagram | undefined;
  /** All supplementary groups of who opened the other end of this unix socket; undefined where it is none, or the kernel does not say (before 4.13). */
  peerGroups(fd: number): readonly number[] | undefined;
  /** A descriptor that can be read from (`add`) when this process has ended, whosever child it is, see pidfd_open(2); throws: ESRCH where there is none. */
  openPidFd(pid: number): number;

  /**
   * mount(2). `flags`: MS_*, see init/mount-flags. `data`: what the file system itself takes, often empty. This and the next three are carried out in
   * a thread, as a disk or a server that has gone answers never; they reject with what the kernel refuses.
   */
  mount(source: string, target: string, fstype: string, flags: number, data: string): Promise<void>;
  /** umount2(2); `flags`: MNT_*, see `UNMOUNT`. */
  unmount(target: string, flags: number): Promise<void>;
  /** Ends swapping to this file or device. swapoff(2) */
  swapOff(path: string): Promise<void>;
  /** Writes all file systems to their disks. sync(2) */
  sync(): Promise<void>;
  /** reboot(2), at once: nothing is stopped, written or unmounted before. Comes back only where it throws, or in a PID namespace of its own. */
  reboot(how: "poweroff" | "reboot" | "halt"): void;
  setHostname(name: string): void;
  /** To every process but this one and PID 1, see kill(2) for -1; false where there is none. */
  killAll(killSignal: NodeJS.Signals): boolean;
  /** A socket on which the kernel tells what changes in its network: `groups`, RTMGRP_*, see rtnetlink(7). Requests are written to it; throws. */
  openNetlink(groups: number): number;
  /** What the kernel has told there next, one or more messages; `overrun`: some were lost for want of room; undefined: nothing waits. */
  receiveNetlink(fd: number): Buffer | "overrun" | undefined;
  /** Brings a network interface up, such as `lo`; throws. netdevice(7) */
  interfaceUp(name: string): void;
  /**
   * Replaces this process by a program, under the same pid: a path, or the descriptor of one that is open. Every signal has its default and is
   * unblocked; stdin, stdout and stderr are kept, and other descriptors that are not close-on-exec. `args` begin with the program's own name. Comes back only where it throws.
   */
  exec(program: string | number, args: readonly string[], env: Readonly<Record<string, string>>): never;
  /** An empty file that is in no folder and can be run by `exec`; its descriptor, close-on-exec. memfd_create(2) */
  openMemory(name: string): number;
}

/** What `unmount` takes: by force, from the tree at once and in truth when nobody uses it any more, not through a symbolic link. umount2(2) */
export const UNMOUNT = { force: 1, detach: 2, noFollow: 8 } as const;

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

/** LINUX_REBOOT_CMD_POWER_OFF, RESTART and HALT, see reboot(2). */
const REBOOT = { poweroff: 0x43_21_fe_dc, reboot: 0x01_23_45_67, halt: 0xcd_ef_01_23 } as const;

/** Hardly anybody has more; nobody has more than NGROUPS_MAX, see setgroups(2). */
const FEW_GROUPS = 64;
const MAX_GROUPS = 65_536;

/** What is kept of one datagram. */
const DATAGRAM_BYTES = 65_536;

/** The functions of the addon. Numbers below 0 are errors. */
interface Addon {
  becomeSubreaper(): number;
  findDead(): number;
  reap(pid: number, death: Int32Array): number;
  listen(callback: () => void): number;
  start(request: Uint8Array, length: number): number;
  takeReports(reports: Int32Array): number;
  isFromLauncher(pid: number): number;
  isAlone(folder: string, pid: number): number;
  peer(fd: number, out: Int32Array): number;
  openPipe(ends: Int32Array): number;
  bindDatagrams(path: string): number;
  connect(path: string): number;
  watch(callback: () => void): number;
  add(fd: number): number;
  remove(fd: number): number;
  ready(fds: Int32Array): number;
  watchOutputs(bytes: Uint8Array, report: Int32Array, onBytes: (count: number) => void): number;
  addOutput(fd: number): number;
  removeOutput(fd: number): number;
  closeOutput(fd: number): number;
  countNewlines(bytes: Uint8Array): number;
  receive(fd: number, bytes: Uint8Array, sender: Int32Array): number;
  peerGroups(fd: number, groups: Uint32Array): number;
  openPidFd(pid: number): number;
  mount(source: string, target: string, fstype: string, flags: number, data: string): Promise<number> | number;
  unmount(target: string, flags: number): Promise<number> | number;
  swapOff(path: string): Promise<number> | number;
  sync(): Promise<number> | number;
  reboot(command: number): number;
  setHostname(name: string): number;
  interfaceUp(name: string): number;
  openNetlink(groups: number): number;
  exec(program: string, fd: number, words: Uint8Array, args: number, pointers: BigUint64Array): number;
  openMemory(name: string): number;
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

function load(): Loaded {
  // The one call that loads an addon by its path wherever it is called from; it fills in `exports`.
  const holder = { exports: {} };
  const loadFrom = (path: string): boolean => {
    process.dlopen(holder, path);
    return true;
  };
  try {
    if (useShippedFile("sys.node", loadFrom) === undefined) return { lack: "it was not built (sys.node is not beside the program)" };
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
  const death = new Int32Array(2);
  const credentials = (): Credentials => ({ pid: sender[0] ?? -1, uid: unsigned(sender[1]), gid: unsigned(sender[2]) });
  return {
    becomeSubreaper: () => void check("prctl", addon.becomeSubreaper()),
    findDead: () => {
      const pid = addon.findDead();
      return pid > 0 ? pid : undefined;
    },
    reap: (pid) => {
      if (addon.reap(pid, death) !== pid) return undefined;
      const [bySignal = 0, what = 0] = death;
      return bySignal === 0 ? { kind: "code", code: what } : { kind: "killed", by: signalName(what) };
    },
    listen: (onReports) => void check("thread", addon.listen(onReports)),
    start: (request, length) => {
      const job = addon.start(request, length);
      return job === -constants.errno.EINVAL ? undefined : check("start", job);
    },
    takeReports: (reports) => addon.takeReports(reports),
    isFromLauncher: (pid) => addon.isFromLauncher(pid) === 1,
    isAlone: (folder, pid) => addon.isAlone(folder, pid) === 1,
    codeOf,
    peer: (fd) => (addon.peer(fd, sender) === 0 ? credentials() : undefined),
    openPipe: () => {
      check("pipe", addon.openPipe(ends));
      return { readEnd: ends[0] ?? -1, writeEnd: ends[1] ?? -1 };
    },
    bindDatagrams: (path) => check("bind", addon.bindDatagrams(path)),
    connect: (path) => {
      const fd = addon.connect(path);
      return fd >= 0 ? fd : undefined;
    },
    watch: (onReadable) => void check("epoll", addon.watch(onReadable)),
    add: (fd) => void check("epoll_ctl", addon.add(fd)),
    remove: (fd) => void addon.remove(fd),
    ready: () => [...readable.subarray(0, Math.max(0, addon.ready(readable)))],
    watchOutputs: (into, counts, onBytes) => void check("epoll", addon.watchOutputs(into, counts, onBytes)),
    addOutput: (fd) => void check("epoll_ctl", addon.addOutput(fd)),
    removeOutput: (fd) => void addon.removeOutput(fd),
    closeOutput: (fd) => void addon.closeOutput(fd),
    countNewlines: (of) => addon.countNewlines(of),
    receive: (fd) => {
      const length = addon.receive(fd, bytes, sender);
      if (length < 0) return undefined;
      return { ...credentials(), bytes: Buffer.from(bytes.subarray(0, length)), truncated: sender[3] === 1 };
    },
    peerGroups: (fd) => {
      for (const room of [FEW_GROUPS, MAX_GROUPS]) {
        const groups = new Uint32Array(room);
        const count = addon.peerGroups(fd, groups);
        if (count >= 0) return [...groups.subarray(0, count)];
      }
      return undefined;
    },
    openPidFd: (pid) => check("pidfd_open", addon.openPidFd(pid)),
    mount: async (source, target, fstype, flags, data) =>
      void check(`mount on ${target}`, await addon.mount(source, target, fstype, flags, data)),
    unmount: async (target, flags) => void check(`umount of ${target}`, await addon.unmount(target, flags)),
    swapOff: async (path) => void check(`swapoff of ${path}`, await addon.swapOff(path)),
    sync: async () => void check("sync", await addon.sync()),
    reboot: (how) => void check("reboot", addon.reboot(REBOOT[how])),
    setHostname: (name) => void check("sethostname", addon.setHostname(name)),
    killAll: (killSignal) => {
      try {
        return process.kill(-1, killSignal);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
        throw error;
      }
    },
    openNetlink: (groups) => check("netlink", addon.openNetlink(groups)),
    receiveNetlink: (fd) => {
      const length = addon.receive(fd, bytes, sender);
      if (length < 0) return length === -constants.errno.ENOBUFS ? "overrun" : undefined;
      return Buffer.from(bytes.subarray(0, length));
    },
    interfaceUp: (name) => void check(`interface ${name}`, addon.interfaceUp(name)),
    exec: (program, args, env) => {
      const [path, fd] = typeof program === "string" ? [program, -1] : ["", program];
      const words = [...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
      const packed = packWords(words);
      check(`exec of ${program}`, addon.exec(path, fd, packed, args.length, new BigUint64Array(words.length + 2)));
      throw new Error(`exec of ${program} came back`);
    },
    openMemory: (name) => check("memfd_create", addon.openMemory(name)),
  };
}

function unsigned(id: number | undefined): number {
  return (id ?? -1) >>> 0;
}

function check(call: string, result: number): number {
  if (result >= 0) return result;
  const code = codeOf(result);
  throw Object.assign(new Error(`${call}: ${code}`), { code });
}

/** The name of an error, such as `EACCES`. */
function codeOf(result: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === -result)?.[0] ?? `error ${-result}`;
}
