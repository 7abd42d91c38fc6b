import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { median, report, rounded } from "../support/measure.ts";

/**
 * A machine under QEMU, from where its kernel hands over to the init until all of N services run. Both ends are times of the kernel's clock:
 * that of its line "Run /init as init process", and that of a line which the last service writes to /dev/kmsg, see `up` in bench/boot/roots.mjs.
 * One boot of each machine after the other, and that again and again, so that what else the host does hits all alike.
 *
 * `RIND_BENCH_ACCEL`: `kvm`, a machine with two processors, the default where it can be had; `count`, the default elsewhere, an emulated machine whose one
 * processor takes a nanosecond for every instruction, so that a busy host changes nothing, and caches and memory cost nothing; `tcg`, the time that
 * emulation takes, which is unfair to programs that compile as they run: these are translated twice.
 */
const RUNS = Number(process.env["RIND_BENCH_RUNS"] ?? 5);
// One that offers RDRAND: a kernel without entropy holds up whoever asks for random numbers, as Node does at its start, for a second.
const ACCELERATORS = {
  kvm: ["-accel", "kvm", "-cpu", "host", "-smp", "2"],
  count: ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "max"],
  tcg: ["-accel", "tcg", "-cpu", "max"],
} as const;
const Accelerator = z.enum(["kvm", "count", "tcg"]);
type Accelerator = z.infer<typeof Accelerator>;
const BOOT_MS = 600_000;
const MEMORY = "1024";
const QEMU = "qemu-system-x86_64";

const Built = z.object({
  kernel: z.string().optional(),
  machines: z.array(z.object({ init: z.string(), services: z.number(), image: z.string(), words: z.string() })),
  leftOut: z.array(z.object({ init: z.string(), why: z.string() })),
});
type Machine = z.infer<typeof Built>["machines"][number];

const folder = mkdtempSync(join(tmpdir(), "rind-bench-"));
try {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve("bench/boot/roots.mjs"), folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const { kernel, machines, leftOut } = Built.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
  for (const { init, why } of leftOut) report("boot", { init, leftOut: why });
  if (kernel !== undefined && machines.length > 0) await compare(kernel, machines);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(kernel: string, machines: readonly Machine[]): Promise<void> {
  const accelerator = Accelerator.parse(process.env["RIND_BENCH_ACCEL"] ?? (kvmWorks() ? "kvm" : "count"));
  const times = new Map(machines.map((machine) => [machine, [] as number[]]));
  for (let run = 0; run < RUNS; run++) {
    for (const [machine, taken] of times) taken.push(await boot(kernel, machine, accelerator));
  }
  const rind = (services: number): number =>
    median([...times].flatMap(([it, taken]) => (it.init === "rind" && it.services === services ? taken : [])));
  for (const [{ init, services }, taken] of times) {
    const ms = median(taken);
    const ratio = init === "rind" ? {} : { rindTakes: rounded(rind(services) / ms, 1) };
    report(`hand-over to ${services} running services`, {
      init,
      accelerator,
      runs: RUNS,
      medianMs: rounded(ms, 0),
      leastMs: rounded(Math.min(...taken), 0),
      mostMs: rounded(Math.max(...taken), 0),
      ...ratio,
    });
  }
}

/** Milliseconds. */
function boot(kernel: string, { init, services, image, words }: Machine, accelerator: Accelerator): Promise<number> {
  const append = `console=ttyS0 quiet panic=-1 printk.devkmsg=on ${words}`;
  const machine = ["-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio", "-m", MEMORY];
  const processors = ACCELERATORS[accelerator];
  const qemu = spawn(QEMU, [...machine, ...processors, "-kernel", kernel, "-initrd", image, "-append", append], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const patience = setTimeout(() => qemu.kill(), BOOT_MS);
  let said = "";
  qemu.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((done, fail) => {
    qemu.once("error", fail);
    qemu.once("close", () => {
      clearTimeout(patience);
      const from = secondsOf(said, /\[ *([\d.]+)\] Run .* as init process/g);
      const to = secondsOf(said, /\[ *([\d.]+)\] rind-bench: up/g);
      if (from === undefined || to === undefined) fail(new Error(`${init} with ${services} services did not come up:\n${said}`));
      else done((to - from) * 1_000);
    });
  });
}

/** In the last line of that kind. */
function secondsOf(text: string, line: RegExp): number | undefined {
  const last = [...text.matchAll(line)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
}

/** That there is a /dev/kvm says little: a machine that is never started tells. */
function kvmWorks(): boolean {
  const words = [...ACCELERATORS.kvm, "-nodefaults", "-display", "none", "-S", "-monitor", "stdio"];
  return spawnSync(QEMU, words, { input: "quit\n" }).status === 0;
}
