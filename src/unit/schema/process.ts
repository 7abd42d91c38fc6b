/** What a process gets from the system beside its command: as whom it runs, and its limits. */
import * as z from "zod";
import { type RlimitName, RLIMITS } from "../../model/unit-set.ts";
import { list, table } from "./build.ts";
import { asText, forBoth, octal, withoutLimit } from "./meanings.ts";
import { size } from "./values.ts";

/** A user or a group: a name, or its number, which becomes text. Which there are is known only when something starts. */
export function account(kind: "user" | "group") {
  const phrase = `the name or the number of a ${kind}`;
  return z
    .union([z.string().regex(/^[^\0\s:/,]+$/, { error: phrase }), z.int().min(0, { error: phrase }).max(MAX_ID, { error: phrase })], {
      error: phrase,
    })
    .transform(asText);
}

/** The kernel keeps the last one for "no such user". */
const MAX_ID = 2 ** 32 - 2;

const UMASK = 'octal text such as "022", or a number such as 0o022';

export const umask = z
  .union([z.string().regex(/^0?[0-7]{1,3}$/, { error: UMASK }), z.int().min(0, { error: UMASK }).max(0o777, { error: UMASK })], {
    error: UMASK,
  })
  .transform(octal);

const NICE = "a whole number from -20 to 19";

export const niceness = z.int({ error: NICE }).min(-20, { error: NICE }).max(19, { error: NICE });

const OOM = "a whole number from -1000 to 1000";

export const oomScoreAdj = z.int({ error: OOM }).min(-1000, { error: OOM }).max(1000, { error: OOM });

const IN_BYTES: ReadonlySet<RlimitName> = new Set(["as", "core", "data", "fsize", "memlock", "msgqueue", "rss", "stack"]);

const ABOUT: Readonly<Record<RlimitName, string>> = {
  as: "Address space, in bytes.",
  core: "Core dump, in bytes.",
  cpu: "Time on a processor, in seconds.",
  data: "Data segment, in bytes.",
  fsize: "A file that it writes, in bytes.",
  locks: "File locks.",
  memlock: "Memory that it locks, in bytes.",
  msgqueue: "Message queues of its user, in bytes.",
  nice: "How far its niceness may go down: 20 less this.",
  nofile: "Open files.",
  nproc: "Processes of its user.",
  rss: "Resident set, in bytes; Linux takes no notice of it.",
  rtprio: "Real-time priority.",
  rttime: "Real-time processor time without a blocking call, in microseconds.",
  sigpending: "Signals that wait for its user's processes.",
  stack: "Stack, in bytes.",
};

/** A limit for both, or `[soft, hard]`. */
function rlimit(name: RlimitName) {
  const inBytes = IN_BYTES.has(name);
  const phrase = inBytes ? 'a size such as "16MiB", or "unlimited"' : 'a whole number from 0, or "unlimited"';
  const number = z.int({ error: phrase }).min(0, { error: phrase });
  const unlimited = z.literal("unlimited", { error: phrase }).transform(withoutLimit);
  const limit = z.union([unlimited, inBytes ? size : number], { error: phrase });
  const pair = list(limit, "limits").length(2, { error: "a list of two limits, the soft one and the hard one" });
  return z
    .union([limit, pair], { error: `${phrase}; or a list of two, the soft and the hard one` })
    .transform(forBoth)
    .optional()
    .describe(ABOUT[name]);
}

export const rlimits = table(Object.fromEntries(RLIMITS.map((name) => [name, rlimit(name)])));
