import { DEV_LINKS, EARLY_MOUNTS, isMounted } from "./early-mounts.ts";
import { type Ground, mountedNow, reasonOf } from "./ground.ts";

/**
 * What a bare kernel lacks, before anything is read or started: the early mounts, each only where nothing is mounted yet, the hostname, and the
 * loopback interface. What fails is said, and the rest goes on: a machine that lacks something can be repaired, one that does not boot cannot.
 */
export async function prepareMachine({ machine, say }: Ground): Promise<void> {
  const refused: string[] = [];
  const step = async (failure: string, act: () => void | Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      say(`${failure}: ${reasonOf(error)}`);
    }
  };
  for (const call of EARLY_MOUNTS) {
    await step(`${call.target} cannot be mounted`, async () => {
      if (isMounted(call.target, mountedNow(machine))) return;
      machine.makeFolder(call.target);
      try {
        await machine.mount(call);
      } catch (error) {
        if (machine.isWhole() || !hasNoRight(error)) throw error;
        refused.push(call.target);
      }
    });
  }
  // what has made a container has mounted what it wants it to have
  if (refused.length > 0) say(`no right to mount ${refused.join(", ")}: the container has them as they are`);
  for (const [path, to] of DEV_LINKS) await step(`${path} cannot be made`, () => machine.link(path, to));
  const hostname = hostnameIn(machine.read("/etc/hostname") ?? "");
  if (hostname !== undefined && hostname !== machine.read("/proc/sys/kernel/hostname")?.trim())
    await step(`the hostname cannot be set to ${hostname}`, () => machine.setHostname(hostname));
  await step("the loopback interface cannot be brought up", () => {
    if (!machine.isUp("lo")) machine.interfaceUp("lo");
  });
}

function hasNoRight(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPERM";
}

/** See hostname(5): the first line that is no comment. undefined: that of the kernel stands. */
function hostnameIn(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("#"));
}
