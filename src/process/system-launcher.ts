import { execaLauncher } from "./execa-launcher.ts";
import type { Launcher } from "./launcher.ts";
import { NativeLauncher } from "./native-launcher.ts";
import { native } from "./sys.ts";

/** The native launcher, or, where there is no native part, the one that does without. */
export function systemLauncher(): Launcher {
  const sys = native();
  return sys === undefined ? execaLauncher : new NativeLauncher(sys);
}
