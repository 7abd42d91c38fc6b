import type { ProbeDecl } from "../../model/unit-set.ts";
import type { Identity } from "../launcher.ts";

/** What one look has seen; `why` names what was looked at: `tcp 127.0.0.1:80: connection refused`. */
export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** The kinds that have to look; the others are told. */
export type LookingProbe = Exclude<ProbeDecl, { readonly kind: "notify" | "log" }>;

/** What goes with one look. */
export interface Look {
  /** Whose look it is, for messages. */
  readonly owner: string;
  /** Of what `exec` runs. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** As whom `exec` runs; undefined: as the daemon. */
  readonly identity?: Identity | undefined;
  readonly timeoutMs: number;
  /** Ends it at once; what it answers then means nothing. */
  readonly abort: AbortSignal;
}
