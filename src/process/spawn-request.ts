import type { RlimitDecl, RlimitName } from "../model/unit-set.ts";
import type { Identity } from "./launcher.ts";

/** All that the native part does between the birth of a process and its program. undefined: as the daemon has it. */
export interface SpawnRequest {
  /** A path; nothing is looked up. */
  readonly path: string;
  /** The first is the program's own name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables on top of `env`. */
  readonly more: readonly (readonly [name: string, value: string])[];
  /** Variables that get the pid of the process, on top of those. */
  readonly pidVariables: readonly string[];
  readonly cwd: string;
  /** A descriptor; undefined: /dev/null. Of no meaning where there is a terminal. */
  readonly stdin: number | undefined;
  /** Becomes its controlling terminal, stdin, stdout and stderr, and the user's own where there is `identity`. undefined: it prints into pipes. */
  readonly tty: string | undefined;
  readonly identity: Identity | undefined;
  readonly umask: number | undefined;
  readonly nice: number | undefined;
  readonly oomScoreAdj: number | undefined;
  readonly rlimits: readonly RlimitDecl[];
  /** The folder of a cgroup that is made for it: the process begins in it, if the kernel can do that. */
  readonly cgroup: string | undefined;
}

/** Where it may fail, in the order of what is done. */
const STEPS = [
  "stdin",
  "pipe",
  "fork",
  "descriptors",
  "session",
  "terminal",
  "control",
  "owner",
  "stdio",
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

/** The ends of pipes to read what it prints from; they do not block. undefined: it has a terminal. */
export type OutputEnds = { readonly stdout: number; readonly stderr: number } | undefined;

export type Spawned =
  /** `began`: in clock ticks after the start of the machine; 0: nothing tells. */
  | { readonly ok: true; readonly pid: number; readonly inCgroup: boolean; readonly outputs: OutputEnds; readonly began: number }
  /** `code`: such as `EACCES`; ETIMEDOUT: it did not get beyond this step in the time that it has. `limit`: the one that was refused. */
  | { readonly ok: false; readonly step: SpawnStep; readonly code: string; readonly limit: RlimitDecl | undefined };

/** How many numbers spawn.c reports of each process. */
export const REPORT_FIELDS = 8;

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

/** In the order of the enum in launcher.h: words, arguments, variables with the pid, stdin, umask, nice, oom, as another, uid, gid, groups, limits. */
const NUMBERS = 12;
const NUMBER_BYTES = 4;
const LIMIT_BYTES = 24;
/** What the native part copies at a time. */
const ROUND = 16;
const FIRST_BYTES = 16_384;

/** A request as launcher.c takes it apart, in memory that is used for one after the other: what was packed is good until the next is. */
export class PackedRequest {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #numbers = new Int32Array(this.#bytes.buffer, 0, NUMBERS);

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** How many bytes it has; undefined: no variable can have a name of its `env`. A NUL inside of a text is not looked for. */
  pack(request: SpawnRequest): number | undefined {
    const { path, args, env, more, pidVariables, cwd, stdin, tty, identity, umask, nice, oomScoreAdj, rlimits, cgroup } = request;
    let words = 4 + args.length + pidVariables.length + more.length;
    let text = `${path}\0${cwd}\0${tty ?? ""}\0${cgroup ?? ""}\0`;
    for (const arg of args) text += `${arg}\0`;
    for (const name of pidVariables) text += `${name}=${PID_ROOM}\0`;
    for (const [name, value] of more) text += `${name}=${value}\0`;
    for (const name of Object.keys(env)) {
      if (pidVariables.includes(name) || more.some(([other]) => other === name)) continue;
      if (name === "" || name.includes("=")) return undefined;
      text += `${name}=${env[name]}\0`;
      words += 1;
    }
    const groups = identity?.groups ?? [];
    const start = NUMBERS * NUMBER_BYTES + rlimits.length * LIMIT_BYTES + groups.length * NUMBER_BYTES;
    // No code unit takes more than three bytes.
    this.#haveRoom(start + text.length * 3);
    const numbers = this.#numbers;
    numbers[0] = words;
    numbers[1] = args.length;
    numbers[2] = pidVariables.length;
    numbers[3] = stdin ?? -1;
    numbers[4] = umask ?? NOT_GIVEN;
    numbers[5] = nice ?? NOT_GIVEN;
    numbers[6] = oomScoreAdj ?? NOT_GIVEN;
    numbers[7] = identity === undefined ? 0 : 1;
    numbers[8] = identity?.uid ?? 0;
    numbers[9] = identity?.gid ?? 0;
    numbers[10] = groups.length;
    numbers[11] = rlimits.length;
    const { buffer } = this.#bytes;
    if (rlimits.length > 0) new BigUint64Array(buffer, NUMBERS * NUMBER_BYTES).set(rlimits.flatMap(limitFields));
    if (groups.length > 0) new Uint32Array(buffer, start - groups.length * NUMBER_BYTES).set(groups);
    return start + this.#bytes.write(text, start);
  }

  #haveRoom(bytes: number): void {
    if (this.#bytes.length >= bytes + ROUND) return;
    this.#bytes = Buffer.allocUnsafeSlow(Math.ceil(bytes / FIRST_BYTES + 1) * FIRST_BYTES);
    this.#numbers = new Int32Array(this.#bytes.buffer, 0, NUMBERS);
  }
}

function limitFields({ name, soft, hard }: RlimitDecl): readonly bigint[] {
  return [BigInt(RESOURCES[name]), limitOf(soft), limitOf(hard)];
}

function limitOf(value: number): bigint {
  return value === Number.POSITIVE_INFINITY ? UNLIMITED : BigInt(value);
}

/** Words as `exec` of the native part takes them: each with a NUL at its end. Throws where one holds a NUL. */
export function packWords(words: readonly string[]): Uint8Array {
  const odd = words.find((word) => word.includes("\0"));
  if (odd !== undefined) throw new TypeError(`no program can be given a NUL byte: ${JSON.stringify(odd)}`);
  return Buffer.from(words.map((word) => `${word}\0`).join(""));
}

/** `report` as spawn.c fills it in, from `at` on, in the order of the enum in launcher.h. */
export function readSpawned(report: Int32Array, at: number, { rlimits }: SpawnRequest, codeOf: (result: number) => string): Spawned {
  const field = (index: number): number => report[at + index] ?? 0;
  const result = field(0);
  if (result > 0) {
    const [stdout, stderr] = [field(4), field(5)];
    const outputs = stdout < 0 ? undefined : { stdout, stderr };
    return { ok: true, pid: result, inCgroup: field(3) !== 0, outputs, began: (field(6) >>> 0) + field(7) * 2 ** 32 };
  }
  return { ok: false, step: STEPS[field(1)] ?? "fork", code: codeOf(result), limit: rlimits[field(2)] };
}
