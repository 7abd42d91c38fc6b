import type { RunDecl } from "./unit-set.ts";

/** A process for which its unit asks for nothing of the kind. */
export const AS_THE_DAEMON = {
  user: undefined,
  group: undefined,
  umask: undefined,
  nice: undefined,
  oomScoreAdj: undefined,
  rlimits: [],
  tty: undefined,
} as const satisfies Partial<RunDecl>;
