/** How much is measured. `RIND_BENCH_RUNS`: how often each supervisor is started; `RIND_BENCH_SERVICES`: how many services it has, numbers with commas. */
export const RUNS = Number(process.env["RIND_BENCH_RUNS"] ?? 5);
export const SIZES = (process.env["RIND_BENCH_SERVICES"] ?? "100,1000").split(",").map(Number);
