import type { RestartPolicy } from "../../model/unit-set.ts";
import type { RawRestart } from "../schema/restart.ts";

const DEFAULT_POLICY: RestartPolicy = {
  on: "on-failure",
  maxRetries: 10,
  delayMs: 1_000,
  backoff: 2,
  maxDelayMs: 300_000,
  stableAfterMs: 30_000,
  jitter: 0,
  windowMs: undefined,
};

/** As `resolveRestart` with these settings; services that say the same in a word, or nothing, share one policy. */
export function restartPolicies(settings: RawRestart | undefined): (own: RawRestart | undefined) => RestartPolicy {
  const known = new Map<RawRestart | undefined, RestartPolicy>();
  return (own) => {
    if (typeof own === "object") return resolveRestart(own, settings);
    const policy = known.get(own) ?? resolveRestart(own, settings);
    known.set(own, policy);
    return policy;
  };
}

/** The policy of a service; fields that it leaves out come from `[settings]`, then from the defaults. */
export function resolveRestart(own: RawRestart | undefined, settings: RawRestart | undefined): RestartPolicy {
  return { ...DEFAULT_POLICY, ...givenFields(settings), ...givenFields(own) };
}

function givenFields(raw: RawRestart | undefined): Partial<RestartPolicy> {
  if (raw === undefined) return {};
  if (raw === true) return { on: "always", maxRetries: Number.POSITIVE_INFINITY };
  if (raw === false || raw === "no") return { on: "never" };
  if (typeof raw === "string") return { on: raw };
  const retries = raw["max-retries"];
  return withoutUndefined({
    on: raw.on,
    maxRetries: retries === "unlimited" || retries === 0 ? Number.POSITIVE_INFINITY : retries,
    delayMs: raw["delay-ms"] ?? raw.delay,
    backoff: raw.backoff,
    maxDelayMs: raw["max-delay-ms"] ?? raw["max-delay"],
    stableAfterMs: raw["stable-after-ms"] ?? raw["stable-after"],
    jitter: raw.jitter,
    windowMs: raw["window-ms"] ?? raw.window,
  });
}

type Given = { readonly [K in keyof RestartPolicy]?: RestartPolicy[K] | undefined };

function withoutUndefined(fields: Given): Partial<RestartPolicy> {
  // `as`: Object.fromEntries forgets which value belongs to which key; only undefined ones were taken out.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<RestartPolicy>;
}
