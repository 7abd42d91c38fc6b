/** How a process ended. */
export type Exit = { readonly kind: "code"; readonly code: number } | { readonly kind: "killed"; readonly by: NodeJS.Signals };

/** Why a process could not be started at all; no retry can cure the kinds `not-found`, `not-permitted` and `bad-plan`. */
export interface LaunchFailure {
  readonly kind: "not-found" | "not-permitted" | "bad-plan" | "system";
  /** A sentence for people: what failed, on what, and what would be right. */
  readonly message: string;
}
