import { expect, test } from "vitest";
import { nearestName } from "../../../src/lib/nearest-name.ts";

test.each([
  ["web@sever", ["web@server", "web@worker"], "web@server"],
  ["strat-on", ["stop-on", "start-on"], "start-on"],
  ["server", ["web@service", "web@server", "db@server"], "db@server"],
  ["server", ["web@observer"], undefined],
  ["xyz", ["web@server"], undefined],
])("%s among %j is %s", (name, known, nearest) => {
  expect(nearestName(name, known)).toBe(nearest);
});
