import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Tells when it is worth while to try a socket again that nobody served. */
export interface SocketWatch {
  /** Resolves when something has happened to the socket since the last call, or since the watch began. False: nobody can tell, a clock has to. */
  changed(): Promise<boolean>;
  close(): void;
}

/** Watches the folder of a socket: that a daemon makes it, removes it, or lets others open it. The folder itself may go. */
export function watchSocket(path: string): SocketWatch {
  let seen = false;
  let lost = false;
  let wake = (): void => {};
  const note = (): void => {
    seen = true;
    wake();
  };
  const lose = (): void => {
    lost = true;
    wake();
  };
  const watcher = watchFolder(dirname(path), (name) => {
    if (name === basename(path)) note();
    // what inotify(7) tells of the folder itself: it is gone
    else if (name === basename(dirname(path))) lose();
  });
  watcher?.on("error", lose);
  if (watcher === undefined) lost = true;
  return {
    changed: async () => {
      if (!seen && !lost) await new Promise<void>((resolve) => (wake = resolve));
      const told = seen;
      seen = false;
      return told;
    },
    close: () => {
      watcher?.close();
      lose();
    },
  };
}

function watchFolder(folder: string, onName: (name: string | null) => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, (_, name) => onName(name));
  } catch {
    // it is not there, or there are no watches left
    return undefined;
  }
}
