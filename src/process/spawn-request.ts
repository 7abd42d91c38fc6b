import type { RlimitDecl, RlimitName } from "../model/unit-set.ts";
import type { Identity } from "./launcher.ts";

/** All that the native part does between the birth of a process and its program. undefined: as the daemon has it. */
export interface SpawnRequest {
  /** A path; nothing is looked up. */
  readonly path: string;
  /** The first is the program's own name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables that get the pid of the process, beside those of `env`. */
  readonly pidVariables: readonly string[];
  readonly cwd: string;
  /** Descriptors from 3 on; undefined: /dev/null. Of no meaning where there is a terminal. */
  readonly stdin: number | undefined;
  readonly stdout: number | undefined;
  readonly stderr: number | undefined;
  /** Becomes its controlling terminal, stdin, stdout and stderr, and the user's own where there is `identity`. */
  readonly tty: string | undefined;
  readonly identity: Identity | undefined;
  readonly umask: number | undefined;
  readonly nice: number | undefined;
  readonly oomScoreAdj: number | undefined;
  readonly rlimits: readonly RlimitDecl[];
  /** The folder of a cgroup, open: the process begins in it, if the kernel can do that. */
  readonly cgroup: number | undefined;
}

/** Where it may fail, in the order of what is done. */
const STEPS = [
  "fork",
  "session",
  "terminal",
  "control",
  "owner",
  "stdin",
  "stdio",
  "descriptors",
  "nice",
  "oom",
  "limit",
  "groups",
  "gid",
  "uid",
  "folder",
  "exec",
] as const;
export type SpawnStep = (typeof STEPS)[number];

export type Spawned =
  | { readonly ok: true; readonly pid: number; readonly inCgroup: boolean }
  /** `code`: such as `EACCES`; ETIMEDOUT: it did not get beyond this step in the time that it has. `limit`: the one that was refused. */
  | { readonly ok: false; readonly step: SpawnStep; readonly code: string; readonly limit: RlimitDecl | undefined };

/** The arguments of `spawn` of the addon, as spawn.c takes them apart. */
export interface PackedSpawn {
  readonly words: Uint8Array;
  readonly pointers: BigUint64Array;
  readonly numbers: Int32Array;
  readonly groups: Uint32Array;
  readonly limits: BigUint64Array;
}

const NOT_GIVEN = -(2 ** 31);
const UNLIMITED = 2n ** 64n - 1n;
/** What the pid is written over. */
const PID_ROOM = "0000000000";

/** RLIMIT_*, see `<asm-generic/resource.h>`: the same on x86_64 and aarch64. */
const RESOURCES: Readonly<Record<RlimitName, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};

/** Throws where a text holds a NUL. */
export function packSpawn(request: SpawnRequest): PackedSpawn {
  const { path, args, env, pidVariables, cwd, stdin, stdout, stderr, tty, identity, umask, nice, oomScoreAdj, rlimits, cgroup } = request;
  const own = new Set(pidVariables);
  const variables = [
    ...[...own].map((name) => `${name}=${PID_ROOM}`),
    ...Object.entries(env).flatMap(([name, value]) => (own.has(name) ? [] : [`${name}=${value}`])),
  ];
  const words = [path, cwd, tty ?? "", ...args, ...variables];
  // In the order of the enum in spawn.c.
  const numbers = [
    args.length,
    own.size,
    stdin ?? -1,
    stdout ?? -1,
    stderr ?? -1,
    umask ?? NOT_GIVEN,
    nice ?? NOT_GIVEN,
    oomScoreAdj ?? NOT_GIVEN,
    identity === undefined ? 0 : 1,
    identity?.uid ?? 0,
    identity?.gid ?? 0,
    cgroup ?? -1,
  ];
  return {
    words: packWords(words),
    pointers: new BigUint64Array(words.length + 2),
    numbers: Int32Array.from(numbers),
    groups: Uint32Array.from(identity?.groups ?? []),
    limits: BigUint64Array.from(rlimits.flatMap(({ name, soft, hard }) => [BigInt(RESOURCES[name]), limitOf(soft), limitOf(hard)])),
  };
}

/** Words as the native part takes them: each with a NUL at its end. Throws where one holds a NUL. */
export function packWords(words: readonly string[]): Uint8Array {
  const odd = words.find((word) => word.includes("\0"));
  if (odd !== undefined) throw new TypeError(`no program can be given a NUL byte: ${JSON.stringify(odd)}`);
  return Buffer.from(words.map((word) => `${word}\0`).join(""));
}

/** `report` as spawn.c fills it in: the step, which of the limits, and whether the process began in its cgroup. */
export function readSpawned(result: number, code: string, report: Int32Array, { rlimits }: SpawnRequest): Spawned {
  const [step = 0, limit = 0, inCgroup = 0] = report;
  if (result > 0) return { ok: true, pid: result, inCgroup: inCgroup !== 0 };
  return { ok: false, step: STEPS[step] ?? "fork", code, limit: rlimits[limit] };
}

function limitOf(value: number): bigint {
  return value === Number.POSITIVE_INFINITY ? UNLIMITED : BigInt(value);
}
