import type { Json } from "./json.ts";

/** One restriction on the payload of a state or signal. */
export type Match =
  /** The text of the payload is this; of json, the compact text; of bytes, the base64. */
  | { readonly kind: "equals"; readonly text: string }
  /** The text of the payload, as for `equals`, has this in it. */
  | { readonly kind: "contains"; readonly text: string }
  /** Subset: objects recursively, every array element matches some element, scalars equal without coercion. */
  | { readonly kind: "as"; readonly value: Json }
  /** The payload is of the kind `bytes`. */
  | { readonly kind: "binary" };

/** What a service condition asks of a service (SPEC 5). */
export const SERVICE_IS = ["started", "ready", "healthy", "completed", "succeeded", "failed", "stopped"] as const;
export type ServiceIs = (typeof SERVICE_IS)[number];

export type Condition =
  | { readonly kind: "state"; readonly name: string; readonly match: readonly Match[] }
  | { readonly kind: "signal"; readonly name: string; readonly match: readonly Match[] }
  /** `key` names one instance of a branching service; without it the condition is on all of them. */
  | { readonly kind: "service"; readonly name: string; readonly key: string | undefined; readonly is: ServiceIs }
  | { readonly kind: "any"; readonly of: readonly Condition[] }
  | { readonly kind: "all"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition };
