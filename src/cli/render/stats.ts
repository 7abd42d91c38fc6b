import type { InstanceStats, ServiceStats } from "../../control/api.ts";
import { renderTable } from "./table.ts";

/** A row for each service or instance, with its processes under it. */
export function statsTable(name: string, answer: ServiceStats | readonly InstanceStats[], columns: number): string[] {
  const all = "pid" in answer ? [{ ...answer, name }] : answer;
  if (all.length === 0) return [`${name} has no instance`];
  const rows = all.flatMap((stats) => [
    [stats.name, pidText(stats.pid), memoryText(stats.memory_bytes), percentText(stats.cpu_percent)],
    ...(stats.processes ?? []).map((each) => [
      `  ${each.name}`,
      String(each.pid),
      memoryText(each.memory_bytes),
      percentText(each.cpu_percent),
    ]),
  ]);
  return renderTable(["SERVICE", "PID", "MEMORY", "CPU"], rows, columns);
}

function pidText(pid: number): string {
  return pid === 0 ? "-" : String(pid);
}

function percentText(percent: number | undefined): string {
  return percent === undefined ? "-" : `${percent.toFixed(1)}%`;
}

function memoryText(bytes: number | undefined): string {
  if (bytes === undefined) return "-";
  const kib = bytes / 1_024;
  return kib < 1_024 ? `${kib.toFixed(0)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`;
}
