/**
 * What the daemon under `rind init` ends with to have PID 1 open the emergency shell on the console (see `process/native/rind-init.c`), after it has said
 * why, and ended what must not go on meanwhile. When the shell ends PID 1 starts a new daemon.
 */
export const EMERGENCY = 70;
