import { expect, test } from "vitest";
import { factTrees } from "../../../src/cli/render/facts.ts";
import { styleFor } from "../../../src/cli/render/style.ts";
import { renderTable } from "../../../src/cli/render/table.ts";
import { age, clockTime } from "../../../src/cli/render/time.ts";
import { isUtf8 } from "../../../src/cli/terminal.ts";
import type { Fact } from "../../../src/model/fact.ts";

const plain = styleFor({ colour: false, unicode: true });

test.each([
  [0, "0s"],
  [999, "0s"],
  [12_400, "12s"],
  [125_000, "2m5s"],
  [3_600_000, "1h"],
  [90_061_000, "1d1h"],
  [-5_000, "0s"],
])("%i ms ago is %s", (ms, text) => {
  expect(age(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(text);
});

test("a time of another day has its date", () => {
  const noon = new Date(2030, 0, 2, 12, 0, 0, 7).getTime();
  expect(clockTime(noon, noon + 1_000)).toBe("12:00:00.007");
  expect(clockTime(noon, noon + 86_400_000)).toBe("2030-01-02 12:00:00.007");
});

test("control characters of a cell do not reach the terminal", () => {
  expect(renderTable(["A", "B"], [["x\u001b[2J", "y\nz"]], 80)).toEqual(["A      B", "x [2J  y z"]);
});

test.each([
  [{ LANG: "en_US.UTF-8" }, true],
  [{ LANG: "C.utf8" }, true],
  [{ LANG: "en_US.UTF-8", LC_ALL: "C" }, false],
  [{ LC_CTYPE: "de_DE.UTF-8", LANG: "C" }, true],
  [{}, false],
])("the locale %j is UTF-8: %s", (env, yes) => {
  expect(isUtf8(env)).toBe(yes);
});

const fact = (id: number, cause: number[], what = `f${id}`): Fact => ({ id, tx: 1, time: 1_000 * id, cause, kind: "outside", what });
const drawn = (facts: Fact[]) => factTrees(facts, plain, 0).map((line) => line.replace(/^.*?(?=[│├└]|f\d)/, ""));

test("a fact stands under the latest of its causes, siblings in order", () => {
  expect(drawn([fact(1, []), fact(2, [1]), fact(3, [1]), fact(4, [1, 2]), fact(5, [])])).toEqual([
    "f1",
    "├─ f2",
    "│  └─ f4",
    "└─ f3",
    "f5",
  ]);
});

test("a fact whose causes are not shown stands by itself", () => {
  expect(drawn([fact(7, [3]), fact(8, [7])])).toEqual(["f7", "└─ f8"]);
});

test("a fact that names itself or a later one as cause is shown once", () => {
  expect(drawn([fact(1, [1]), fact(2, [3]), fact(3, [2])])).toEqual(["f1", "f2", "└─ f3"]);
});

test("a long chain is drawn", () => {
  const facts = Array.from({ length: 3_000 }, (_, i) => fact(i + 1, i === 0 ? [] : [i]));
  expect(factTrees(facts, plain, 0)).toHaveLength(3_000);
});
