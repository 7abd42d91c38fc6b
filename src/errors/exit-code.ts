/** Exit codes of `rind` (SPEC 9); the numbers above 1 are those of BSD's sysexits.h. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 64,
  undeclared: 66,
  noDaemon: 69,
  notPermitted: 77,
  badUnits: 78,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
