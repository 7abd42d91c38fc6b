import { isReadOnly, serveIfPossible } from "./control-socket.ts";
import { runtimeFolder } from "../control/runtime-folder.ts";
import type { Closing } from "../lib/closing.ts";
import { Turns } from "../lib/turns.ts";
import { version } from "../lib/version.ts";
import { AccountIds } from "../process/account-ids.ts";
import { peerCredentials } from "../process/peer-credentials.ts";
import { CallerRights } from "../supervisor/caller-rights.ts";
import { SupervisorApi } from "../supervisor/control-api.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { DenialLog } from "./denial-log.ts";
import type { Serving } from "./serving.ts";
import { shareSocket } from "./socket-access.ts";
import { type HasOneOf, SubscriberSockets } from "./subscriber-sockets.ts";
import { waysToEnd } from "./ways-to-end.ts";

/** The ways in which clients reach a daemon. */
export interface Control {
  readonly api: SupervisorApi;
  /** Changes of the units take turns. */
  readonly unitChanges: Turns;
  /** Why nobody can reach it; undefined: the socket is there. */
  readonly lack: string | undefined;
  /** Who may open the control socket, by the units of now. */
  share(): void;
  /** Brings the sockets of `subscribers` in line with the units of now. */
  syncSubscribers(): Promise<void>;
}

/** Opens the control socket: clients are heard from the next turn on. */
export async function openControl(supervisor: Supervisor, serving: Serving, closing: Closing): Promise<Control> {
  const { options, statePath, socket, uid, files, stopper, isSystem } = serving;
  const { env } = process;
  const { log } = supervisor;
  const isInit = options.init !== undefined;
  const accounts = new AccountIds();
  const denials = new DenialLog(log, supervisor.clock);
  const hasOneOf: HasOneOf = (peer, rights) => new CallerRights(supervisor, peer, accounts).has(rights);
  const unitChanges = new Turns();
  const daemon = { version, unitFolders: options.units, statePath, env, units: files, accounts, ...waysToEnd(stopper, isInit, log) };
  const api = new SupervisorApi(supervisor, daemon, { unitChanges });
  const isNamed = (options.socket ?? env["RIND_SOCKET"]) !== undefined;
  const { server, lack } = await serveIfPossible(
    {
      path: socket,
      api,
      onFault: (error) => log.error({ err: error }, "a fault in the control socket"),
      callerOf: peerCredentials,
      runtimeFolder: runtimeFolder(env, uid),
      onDenied: ({ caller, method, item }) =>
        denials.tell({ uid: caller.uid, pid: caller.pid, method, ...(item === undefined ? {} : { name: item }) }),
    },
    // a container has to run, whatever its image lacks
    (error) => !isInit && (isNamed || !(isReadOnly(error) || process.pid === 1)),
  );
  closing.add(() => server.close());
  if (lack !== undefined) log.error({ path: socket }, `nobody can reach this daemon: ${lack}`);
  const subscribers = new SubscriberSockets(supervisor, hasOneOf, denials);
  closing.add(() => subscribers.close());
  return {
    api,
    unitChanges,
    lack,
    share: () => shareSocket(server, supervisor.index.units, isSystem || isInit, log),
    syncSubscribers: () => subscribers.sync(),
  };
}
