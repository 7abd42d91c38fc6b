import { expect, test } from "vitest";
import { Bus, reportUnhandledErrors } from "../../../src/bus/bus.ts";
import type { Listening } from "../../../src/flow/demand/listening.ts";
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

/** One of the many of the guards. */
function listening(name: string, heard: string[], what = name, key?: string): Listening {
  return { kind: "state", name, key, next: () => void heard.push(what) };
}

test("a listening hears its name, or its branch, until it is unsubscribed; the same one twice hears twice", () => {
  const bus = new Bus();
  const heard: string[] = [];
  const [one, branch] = [listening("a", heard), listening("a", heard, "a/x", "x")];
  const [, ...others] = [one, one, branch].map((each) => bus.listen(each));
  bus.publish([stateFact("a", "x"), stateFact("b")]);
  expect(heard.splice(0)).toEqual(["a", "a", "a/x"]);
  for (const subscription of others) subscription.unsubscribe();
  bus.publish([stateFact("a", "x")]);
  expect(heard).toEqual(["a"]);
});

test("who comes while something is delivered does not hear it, and who has gone hears it no more", () => {
  const bus = new Bus();
  const heard: string[] = [];
  bus.listen({
    kind: "state",
    name: "a",
    key: undefined,
    next: () => {
      bus.listen(listening("a", heard, "late"));
      last.unsubscribe();
    },
  });
  bus.listen(listening("a", heard, "other"));
  const last = bus.listen(listening("a", heard, "last"));
  bus.publish([stateFact("a")]);
  expect(heard).toEqual(["other"]);
});

test("what one throws is reported, and takes nothing from the others", async () => {
  const bus = new Bus();
  const heard: string[] = [];
  const reported = new Promise((resolve) => reportUnhandledErrors(resolve));
  bus.listen({
    kind: "state",
    name: "a",
    key: undefined,
    next: () => {
      throw new Error("no");
    },
  });
  bus.listen(listening("a", heard));
  bus.publish([stateFact("a")]);
  expect(heard).toEqual(["a"]);
  expect(await reported).toEqual(new Error("no"));
});
