import { expect, test } from "vitest";
import type { ReadyDecl, ServiceDecl } from "../../src/model/unit-set.ts";
import { shutDown } from "../../src/supervisor/shutdown.ts";
import { service } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const NOTIFY: ReadyDecl = {
  initialDelayMs: 0,
  periodMs: 10_000,
  timeoutMs: 1_000,
  successThreshold: 1,
  failureThreshold: 3,
  startPeriodMs: 1_000,
  probe: { kind: "notify" },
};

/** A service that is being launched: nobody has told yet what came of it. */
function launching(given: Partial<ServiceDecl> = {}) {
  const r = rig({ services: [service("g@s", { status: "stop", ...given })] }, { socket: "/run/rind/s" });
  r.launcher.slow.add("g@s");
  // a shutdown takes it back
  r.api.start(["g@s"], { force: false }).catch(() => {});
  expect([r.phase("g@s"), r.launcher.asked]).toEqual(["starting", ["launch g@s"]]);
  return r;
}

test("a service runs when its launch is told, not before", () => {
  const r = launching();
  r.launcher.report("g@s");
  expect([r.phase("g@s"), r.up()]).toEqual(["running", ["g@s"]]);
});

test("a stop while it is launched is carried out as soon as its process is there", () => {
  const r = launching();
  void r.api.stop(["g@s"], { force: false });
  expect([r.phase("g@s"), r.launcher.asked]).toEqual(["stopping", ["launch g@s"]]);
  r.launcher.report("g@s");
  expect(r.launcher.asked).toEqual(["launch g@s", "SIGTERM g@s"]);
  r.rest();
  expect([r.phase("g@s"), r.up()]).toEqual(["exited", []]);
});

test("a kill while it is launched, also one after a stop, kills its process as soon as it is there", () => {
  const r = launching();
  void r.api.stop(["g@s"], { force: false });
  void r.api.stop(["g@s"], { force: true });
  r.launcher.report("g@s");
  expect(r.launcher.asked).toEqual(["launch g@s", "SIGKILL g@s"]);
  r.rest();
  expect(r.phase("g@s")).toBe("exited");
});

test("the time for a stop goes on while it is launched", () => {
  const r = launching({ stopTimeoutMs: 1_000 });
  void r.api.stop(["g@s"], { force: false });
  r.clock.advance(2_000);
  r.launcher.report("g@s");
  expect(r.launcher.asked).toEqual(["launch g@s", "SIGKILL g@s"]);
});

test("a restart while it is launched starts it anew when the first process is gone", () => {
  const r = launching();
  void r.api.restart(["g@s"]);
  r.launcher.slow.clear();
  r.launcher.report("g@s");
  r.rest();
  expect([r.phase("g@s"), r.launcher.asked]).toEqual(["running", ["launch g@s", "SIGTERM g@s", "launch g@s"]]);
});

test("a launch that is refused after a stop ends the stop", () => {
  const r = launching();
  r.launcher.refuses.set("g@s", { kind: "not-found", message: "there is no program /bin/true" });
  void r.api.stop(["g@s"], { force: false });
  r.launcher.report("g@s");
  expect([r.phase("g@s"), r.up()]).toEqual(["exited", []]);
});

test("a shutdown while it is launched waits for its process, and ends it", async () => {
  const r = launching();
  let isDown = false;
  const down = shutDown(r.supervisor, new AbortController().signal).then(() => (isDown = true));
  const wait = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      r.clock.advance(1_000);
    }
  };
  await wait();
  expect(isDown).toBe(false);
  r.launcher.report("g@s");
  await wait();
  await down;
  expect([r.launcher.asked.at(-1), r.up()]).toEqual(["SIGTERM g@s", []]);
});

test("what a process says before its launch is told is heard then", () => {
  const r = launching({ ready: NOTIFY });
  const [socket] = r.prober.sockets.values();
  socket?.({ pid: 7, uid: 0, gid: 0, bytes: Buffer.from("READY=1"), truncated: false });
  expect(r.phase("g@s")).toBe("starting");
  r.launcher.report("g@s");
  expect(r.phase("g@s")).toBe("running");
});
