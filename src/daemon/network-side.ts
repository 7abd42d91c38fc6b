import type { ControlApi } from "../control/api.ts";
import { ipCommand } from "../network/ip-command.ts";
import { Networks } from "../network/networks.ts";
import { mayChangeNetwork } from "../network/may-change-network.ts";
import { DEFAULT_PATH } from "../process/find-program.ts";
import { degrade, recover } from "../supervisor/degraded.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

const RESOLV_CONF = "/etc/resolv.conf";

/** What the daemon does for the `[[network]]` of its units: their states say what the kernel says, and `rind@degraded` what is not as they say. */
export class NetworkSide {
  readonly #supervisor: Supervisor;
  readonly #networks: Networks;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    const { log } = supervisor;
    const failed = (err: unknown): void => log.error({ err }, "the network could not be told");
    this.#networks = new Networks({
      ip: ipCommand(`${process.env["PATH"] ?? DEFAULT_PATH}:${DEFAULT_PATH}`),
      resolvConf: RESOLV_CONF,
      mayChange: mayChangeNetwork(),
      apply: (changes) => {
        const known = changes.filter((change) => "state" in change && supervisor.index.program.states.has(change.state));
        const act = (cause: number): void =>
          void supervisor.apply(
            known,
            known.map(() => cause),
          );
        supervisor.transact("the network has changed", act).catch(failed);
      },
      flaw: (item, message) => {
        if (message === undefined) return void recover(supervisor, item, `${item} is as it should be`).catch(failed);
        log.warn({ item }, message);
        degrade(supervisor, item, message, `${item} is not as it should be`).catch(failed);
      },
      say: (message) => log.warn({}, message),
    });
  }

  /** Other units are in force, or the first. */
  async unitsChanged(api: Pick<ControlApi, "start">): Promise<void> {
    const { networks } = this.#supervisor.index.units;
    const isFollowed = await this.#networks.declare(networks);
    // what starts them, the interface, is not known then
    const clients = isFollowed ? [] : networks.flatMap(({ name, method }) => (method === "dhcp" ? [name] : []));
    if (clients.length > 0) await api.start(clients, { force: false });
  }

  close(): void {
    this.#networks.close();
  }
}
