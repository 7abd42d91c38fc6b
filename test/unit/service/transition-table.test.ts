import { expect, test } from "vitest";
import { serviceMachine } from "../../../src/service/service-machine.ts";

test("the transitions of the machine, event by event", () => {
  const lines = Object.values(serviceMachine.states).flatMap((state) =>
    [...state.transitions].map(([event, transitions]) => {
      const targets = transitions.map(({ target }) => target?.map(({ key }) => key).join() ?? "stays");
      return `${state.key} | ${event} | ${[...new Set(targets)].join(", ")}`;
    }),
  );
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "inactive | service.start | starting, blocked
    blocked | service.start | starting, stays
    blocked | gate.changed | starting, stays
    blocked | pause.over | starting, stays
    blocked | service.stop | inactive
    starting | service.stop | stopping
    starting | service.restart | stopping
    starting | watchdog.missed | stopping
    starting | run.overdue | stopping
    starting | start.extended | stays
    starting | process.started | stays, running
    starting | ready.changed | running, stays
    starting | policy.changed | running, stays
    starting | process.refused | failed, backoff
    starting | process.exited | stopping, backoff, failed
    running | service.stop | stopping
    running | service.restart | stopping
    running | watchdog.missed | stopping
    running | run.overdue | stopping
    running | start.extended | stays
    running | policy.changed | stays
    running | ready.changed | stays
    running | health.changed | stopping, stays
    running | process.exited | stopping, backoff, exited, failed
    running | run.stable | stays
    stopping | stop.released | stays
    stopping | stop.overdue | stays
    stopping | start.extended | stays
    stopping | service.start | stays
    stopping | service.stop | stays
    stopping | service.restart | stays
    stopping | process.exited | stays, ended
    stopping | process.gone | ended
    stopping | process.refused | ended
    backoff | backoff.over | starting, blocked
    backoff | service.start | starting, blocked, stays
    backoff | service.stop | exited
    exited | service.start | blocked, stays, starting
    failed | service.start | blocked, stays, starting"
  `);
});
