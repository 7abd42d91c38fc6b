import { expect, test } from "vitest";
import { phaseOf } from "./await-phase.ts";
import { project } from "./daemon-rig.ts";

const UNITS = `
[[service]]
name = "web"
run = ["sleep", "1000"]
requires = ["db"]
wants = ["cache"]
[[service]]
name = "worker"
run = ["sleep", "1000"]
requires = ["db"]
after = ["migrate"]
conflicts = ["web2"]
[[service]]
name = "web2"
run = ["sleep", "1000"]
status = "stop"
[[service]]
name = "db"
run = ["sleep", "1000"]
after = ["disk"]
[[service]]
name = "disk"
run = ["true"]
type = "oneshot"
[[service]]
name = "migrate"
run = ["true"]
type = "oneshot"
[[service]]
name = "cache"
run = ["false"]
restart = "never"
`;

test("N127: the tree shows every service with its phase, under what depends on it, and marks what is shown above", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  await phaseOf(p, "app@web", "running");
  await phaseOf(p, "app@worker", "running");
  await phaseOf(p, "app@cache", "failed");
  p.env["LANG"] = "C.UTF-8";
  const { out } = await p.rind("graph");
  expect(out).toBe(
    [
      "app@web  running",
      "├─ requires app@db  running",
      "│  └─ after app@disk  exited",
      "└─ wants app@cache  failed",
      "app@web2  inactive",
      "app@worker  running",
      "├─ requires app@db  running  (see above)",
      "└─ after app@migrate  exited",
      "",
    ].join("\n"),
  );
});

test("N127: the tree of one service begins with it, and json gives nodes and edges", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  await phaseOf(p, "app@db", "running");
  p.env["LANG"] = "C.UTF-8";
  expect((await p.rind("graph", "app@db")).out).toBe("app@db  running\n└─ after app@disk  exited\n");
  expect((await p.rind("graph", "app@dbb")).code).toBe(66);
  const { nodes, edges } = (await p.json("graph")) as { nodes: unknown[]; edges: unknown[] };
  expect(nodes).toHaveLength(7);
  expect(edges).toContainEqual({ from: "app@web", to: "app@db", kind: "requires", is: "ready" });
  expect(edges).toContainEqual({ from: "app@worker", to: "app@web2", kind: "conflicts", is: null });
});
