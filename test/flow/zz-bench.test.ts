import { test } from "vitest";
import { service } from "../support/decls.ts";
import { rig } from "../support/rig.ts";
const time = <T>(what: string, work: () => T): T => { const at = performance.now(); const result = work(); console.log(what, (performance.now() - at).toFixed(1)); return result; };
test("bench", () => {
  for (const n of [500, 500, 1000, 2000, 4000]) {
  const req = (name: string) => [{ service: name, is: "ready" as const, onLoss: "stop" as const }];
  const names = Array.from({ length: n }, (_, i) => `g@s${String(i).padStart(5, "0")}`);
  time(`after chain boot ${n}`, () => rig({ services: names.map((name, i) => service(name, { after: i === 0 ? [] : req(names[i - 1]!) })) }));
  const r = time(`chain boot ${n}`, () => rig({ services: names.map((name, i) => service(name, { requires: i === 0 ? [] : req(names[i - 1]!) })) }));
  time(`chain stop ${n}`, () => { void r.api.stop([names[0]!], { force: false }); r.clock.advance(n * 4); });
  time(`after star boot ${n}`, () => rig({ services: [service("g@db"), ...names.map((name) => service(name, { after: req("g@db") }))] }));
  const q = time(`star boot ${n}`, () => rig({ services: [service("g@db"), ...names.map((name) => service(name, { requires: req("g@db") }))] }));
  time(`star stop ${n}`, () => { void q.api.stop(["g@db"], { force: false }); q.clock.advance(100); });
  time(`star start ${n}`, () => { void q.api.start(["g@db"], { force: false }); q.clock.advance(100); });
  }
});
