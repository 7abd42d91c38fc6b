import { test } from "vitest";
import { S, service, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";
test("debug", () => {
  const req = [{ service: "s0", is: "ready" as const, onLoss: "stop" as const }];
  const r = rig({ states: [state("A", { payload: "none" })], services: [service("s0", { startOn: [S("A")] }), service("s1", { requires: req }), service("s2", { requires: req })] });
  const tick = () => { r.clock.advance(1); r.clock.advance(1); };
  void r.set("A"); tick();
  void r.api.restart(["s2"]); tick();
  void r.unset("A"); tick();
  tick(); 
  if (r.up().includes("s0")) r.launcher.exit("s0", 0);
  r.rest();
  for (const f of r.supervisor.history.last(200, () => true)) {
    if (f.kind === "phase") console.log(f.tx, f.instance, f.from, f.to, f.reason);
    if (f.kind === "request") console.log(f.tx, "REQ", f.instance, f.action, f.reason);
    if (f.kind === "outside") console.log(f.tx, "OUT", f.what);
  }
  console.log(r.launcher.asked, r.up());
});
