import { expect, test } from "vitest";
import { Bus } from "../../../src/bus/bus.ts";
import type { Fact } from "../../../src/model/fact.ts";

let id = 0;
function stateFact(name: string, key = ""): Fact {
  return { kind: "state", name, key, before: undefined, after: null, id: ++id, tx: 1, time: 0, cause: [] };
}

test("a change reaches who subscribes to that name, or to that branch of it, and nobody else", () => {
  const bus = new Bus();
  const heard: string[] = [];
  bus.state("a").subscribe(({ key }) => heard.push(`a ${key}`));
  bus.branch("a", "x").subscribe(() => heard.push("a/x"));
  bus.state("b").subscribe(() => heard.push("b"));
  bus.publish([stateFact("a", "x"), stateFact("a", "y"), stateFact("c")]);
  expect(heard).toEqual(["a x", "a/x", "a y"]);
});

test("a batch that is published while another is delivered waits its turn, and settled follows each", () => {
  const bus = new Bus();
  const heard: string[] = [];
  bus.state("a").subscribe(() => bus.publish([stateFact("b")]));
  for (const name of ["a", "b", "c"]) bus.state(name).subscribe(() => heard.push(name));
  bus.settled.subscribe((batch) => heard.push(`settled ${batch.length}`));
  bus.publish([stateFact("a"), stateFact("c")]);
  expect(heard).toEqual(["a", "c", "settled 2", "b", "settled 1"]);
});

test("who has unsubscribed hears nothing more", () => {
  const bus = new Bus();
  const heard: number[] = [];
  const first = bus.signal("x").subscribe(() => heard.push(1));
  bus.signal("x").subscribe(() => heard.push(2));
  first.unsubscribe();
  bus.publish([{ kind: "signal", name: "x", payload: null, id: ++id, tx: 1, time: 0, cause: [] }]);
  expect(heard).toEqual([2]);
});
