/**
 * The words of sd_notify(3) that Rind listens to. A datagram holds assignments, one a line; what is unknown or makes no sense is passed over,
 * and takes nothing from the rest. `BARRIER=1` asks for nothing but the end of the descriptors that came with it, which the socket sees to.
 */
export type NotifyWord =
  | { readonly kind: "ready" }
  | { readonly kind: "reloading" }
  | { readonly kind: "stopping" }
  | { readonly kind: "status"; readonly text: string }
  | { readonly kind: "main-pid"; readonly pid: number }
  | { readonly kind: "watchdog" }
  | { readonly kind: "watchdog-trigger" }
  | { readonly kind: "watchdog-interval"; readonly ms: number }
  | { readonly kind: "extend-timeout"; readonly ms: number };

/** How much of a status text is kept. */
const STATUS_LENGTH = 1_000;

/** The longest time that a timer of Node can wait; more would be none at all. */
const LONGEST_MS = 2 ** 31 - 1;

const CONTROL_CHARACTERS = /\p{Cc}+/gu;

/** All that a datagram says, in its order. */
export function parseNotifyMessage(bytes: Buffer): readonly NotifyWord[] {
  // programs in C may send the byte at the end of the text too
  const text = bytes.toString("utf8").replace(/\0+$/, "");
  return text.split("\n").flatMap((line) => {
    const at = line.indexOf("=");
    const word = at < 1 ? undefined : wordOf(line.slice(0, at), line.slice(at + 1));
    return word === undefined ? [] : [word];
  });
}

function wordOf(key: string, value: string): NotifyWord | undefined {
  switch (key) {
    case "READY":
      return value === "1" ? { kind: "ready" } : undefined;
    case "RELOADING":
      return value === "1" ? { kind: "reloading" } : undefined;
    case "STOPPING":
      return value === "1" ? { kind: "stopping" } : undefined;
    case "STATUS":
      return { kind: "status", text: value.replace(CONTROL_CHARACTERS, " ").trim().slice(0, STATUS_LENGTH) };
    case "MAINPID": {
      const pid = whole(value);
      return pid === undefined || pid > 2 ** 22 ? undefined : { kind: "main-pid", pid };
    }
    case "WATCHDOG":
      return value === "1" ? { kind: "watchdog" } : value === "trigger" ? { kind: "watchdog-trigger" } : undefined;
    case "WATCHDOG_USEC": {
      const ms = microseconds(value);
      return ms === undefined ? undefined : { kind: "watchdog-interval", ms };
    }
    case "EXTEND_TIMEOUT_USEC": {
      const ms = microseconds(value);
      return ms === undefined ? undefined : { kind: "extend-timeout", ms };
    }
    default:
      return undefined;
  }
}

/** Milliseconds, rounded up: less than the process asked for would be too little. */
function microseconds(value: string): number | undefined {
  const count = whole(value);
  return count === undefined ? undefined : Math.min(Math.ceil(count / 1_000), LONGEST_MS);
}

function whole(value: string): number | undefined {
  return /^\d{1,20}$/.test(value) && Number(value) > 0 ? Number(value) : undefined;
}
