import type { Json } from "./json.ts";

/** A change of the store that somebody asks for. */
export type Change =
  /** `payload` undefined: none was given. `replace`: it replaces the branch instead of being merged into it. */
  | { readonly op: "set"; readonly state: string; readonly payload: Json | undefined; readonly replace: boolean }
  /** `filter` undefined: all branches. */
  | { readonly op: "unset"; readonly state: string; readonly filter: Json | undefined }
  | { readonly op: "emit"; readonly signal: string; readonly payload: Json | undefined }
  /** What the system's daemon says of one branch of an imported state; undefined: it is gone. */
  | { readonly op: "mirror"; readonly state: string; readonly key: string; readonly payload: Json | undefined }
  /** One branch of a state that Rind keeps itself, whole, known to fit, and never on disk; undefined: it is gone. */
  | { readonly op: "keep"; readonly state: string; readonly key: string; readonly payload: Json | undefined }
  /** The answer of an `auto-payload` command; undefined: it failed. */
  | { readonly op: "auto"; readonly state: string; readonly payload: Json | undefined };

/** A change of what is kept on disk: the support by hand of one branch; undefined: it is gone. */
export interface Write {
  readonly state: string;
  readonly key: string;
  readonly payload: Json | undefined;
}
