import type { LeftOut } from "../unit/leave-out.ts";
import type { LifeOptions } from "./daemon-options.ts";
import type { OpenOutputs } from "./open-outputs.ts";
import type { Stopper } from "./stopper.ts";
import type { SystemLink } from "./system-link.ts";
import type { UnitFiles } from "./unit-files.ts";

/** What a daemon has found out before its supervisor boots. */
export interface Serving {
  readonly options: LifeOptions;
  readonly statePath: string;
  readonly socket: string;
  readonly cwd: string;
  readonly uid: number;
  readonly files: UnitFiles;
  readonly stopper: Stopper;
  readonly launcher: OpenOutputs;
  /** It is the daemon of the system, to which those of users are linked. */
  readonly isSystem: boolean;
  /** To the system's daemon, where this is the daemon of a user. */
  readonly link: SystemLink | undefined;
  /** What the units lack because of errors. */
  readonly leftOut: readonly LeftOut[];
}
