import type { Readable } from "node:stream";
import type { OutputStream, ProcessHandle, ProcessListener } from "./launcher.ts";
import type { ProcessKin } from "./process-kin.ts";

export type Outputs = { readonly [S in OutputStream]: Readable };

/** What is told of a process that was started. `outputs` undefined: nobody reads its output, which is at its end then. */
export function followProcess(kin: ProcessKin, outputs: Outputs | undefined, listener: ProcessListener): ProcessHandle {
  if (outputs === undefined) setImmediate(() => listener.outputEnded());
  else tellOutput(outputs, listener);
  return {
    pid: kin.pid,
    signal: (killSignal) => kin.signal(killSignal),
    signalMain: (killSignal) => kin.signalMain(killSignal),
    mainPid: () => kin.mainPid(),
    nameMain: (pid) => kin.nameMain(pid),
    alive: () => kin.alive(),
    living: () => kin.living(),
    whenGone: (onGone) => kin.whenGone(onGone),
    pauseOutput: (stream) => void outputs?.[stream].pause(),
    resumeOutput: (stream) => void outputs?.[stream].resume(),
  };
}

function tellOutput(outputs: Outputs, listener: ProcessListener): void {
  let open = 2;
  for (const stream of ["stdout", "stderr"] as const satisfies readonly OutputStream[]) {
    outputs[stream].on("data", (bytes: Buffer) => listener.output(stream, bytes));
    // an error of a pipe is its end
    outputs[stream].on("error", () => {});
    outputs[stream].once("close", () => {
      open -= 1;
      if (open === 0) listener.outputEnded();
    });
  }
}
