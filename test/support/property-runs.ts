/** How many random programs a property is tried with; RIND_RUNS asks for more. */
export const PROPERTY_RUNS = Number(process.env["RIND_RUNS"] ?? 400);
export const PROPERTY_TIMEOUT_MS = 30_000 + PROPERTY_RUNS * 200;
