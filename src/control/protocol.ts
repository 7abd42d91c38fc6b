import type { Fact } from "../model/fact.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { PowerAction } from "../model/power.ts";
import type {
  ChangeAnswer,
  DeleteAnswer,
  InstanceStats,
  Listing,
  LogLine,
  ReloadAnswer,
  ServiceGraph,
  ServiceRow,
  ServiceStats,
  Session,
  SessionGiven,
  SessionWanted,
  SharedNews,
  SetServiceAnswer,
  StateRow,
  SystemInfo,
  VariableRow,
  Why,
} from "./api.ts";

/**
 * The words of the control protocol, shared by server and client: JSON-RPC 2.0, one json per line over a unix socket.
 * Only types and constants: the client must load without zod. How the server reads params is in `methods.ts`.
 */

/** A line longer than this costs its sender the connection. In bytes, without the line end. */
export const FRAME_LIMIT = 2 * 1024 * 1024;

/** Codes of JSON-RPC 2.0; `failed` is for what Rind itself refuses (`data` says more). */
export const RpcCode = {
  badJson: -32700,
  badRequest: -32600,
  unknownMethod: -32601,
  badParams: -32602,
  internal: -32603,
  failed: -32000,
} as const;

/** `data` of an error answer. */
export interface ErrorData {
  readonly code: string;
  /** What `rind` exits with. */
  readonly exitCode: number;
  readonly hint: string;
  readonly cause: string | null;
}

type None = Record<string, never>;
/** `payload` for programs, `words` for what came from a command line; not both. Neither: no payload was given. */
interface PayloadParams {
  readonly name: string;
  readonly payload?: Json | undefined;
  readonly words?: readonly string[] | undefined;
}
/** Empty: every service but those of class `system`. */
interface Names {
  readonly names: readonly string[];
}
interface LogParams {
  readonly names?: readonly string[] | undefined;
  readonly lines?: number | undefined;
  readonly since?: number | undefined;
  readonly after?: number | undefined;
}
/** The sections of zinit's shape may stand beside `service`, as they do in its files. */
interface ServiceParams {
  readonly service: Json;
  readonly dependencies?: Json | undefined;
  readonly lifecycle?: Json | undefined;
  readonly health?: Json | undefined;
  readonly logging?: Json | undefined;
}
interface Subscription {
  readonly subscription: number;
}

/** Params and result of every method. */
export interface Methods {
  /** The OpenRPC document of all methods. */
  "rpc.discover": { params: None; result: JsonObject };
  "system.info": { params: None; result: SystemInfo };
  "system.down": { params: None; result: null };
  "system.power": { params: { readonly action: PowerAction; readonly force?: boolean }; result: null };
  "system.reload": { params: { readonly restart?: boolean }; result: ReloadAnswer };
  "system.list": { params: None; result: Listing };
  "flow.emit": { params: PayloadParams; result: ChangeAnswer };
  "flow.set": { params: PayloadParams & { readonly replace?: boolean }; result: ChangeAnswer };
  "flow.unset": { params: { readonly name: string; readonly filter?: Json | undefined }; result: ChangeAnswer };
  "flow.get": { params: { readonly name: string }; result: readonly Json[] };
  "flow.states": { params: None; result: readonly StateRow[] };
  "flow.subscribe": { params: None; result: Subscription };
  "flow.variables": { params: None; result: readonly VariableRow[] };
  "flow.set_variable": { params: { readonly name: string; readonly value?: Json | undefined }; result: VariableRow };
  "session.open": { params: SessionGiven; result: Session };
  "session.close": { params: SessionWanted; result: readonly Session[] };
  "service.list": { params: None; result: readonly ServiceRow[] };
  "service.status": { params: { readonly name: string }; result: ServiceRow | readonly ServiceRow[] };
  "service.start": { params: Names & { readonly force?: boolean }; result: readonly ServiceRow[] };
  "service.stop": { params: Names & { readonly force?: boolean }; result: readonly ServiceRow[] };
  "service.restart": { params: Names; result: readonly ServiceRow[] };
  "service.reload": { params: Names; result: readonly ServiceRow[] };
  "service.start_all": { params: { readonly force?: boolean }; result: readonly ServiceRow[] };
  "service.stop_all": { params: { readonly force?: boolean }; result: readonly ServiceRow[] };
  "service.kill": { params: Names & { readonly signal?: string | number }; result: readonly ServiceRow[] };
  "service.stats": { params: { readonly name: string }; result: ServiceStats | readonly InstanceStats[] };
  "service.set": { params: ServiceParams; result: SetServiceAnswer };
  "service.get": { params: { readonly name: string }; result: Json };
  "service.delete": { params: { readonly name: string }; result: DeleteAnswer };
  "service.delete_all": { params: None; result: DeleteAnswer };
  "service.logs": { params: LogParams; result: readonly LogLine[] };
  "service.why": { params: { readonly name: string }; result: Why };
  "service.graph": { params: None; result: ServiceGraph };
  "log.read": { params: LogParams; result: readonly LogLine[] };
  "log.subscribe": { params: LogParams; result: Subscription };
  "event.trace": { params: { readonly last?: number | undefined; readonly name?: string | undefined }; result: readonly Fact[] };
  "event.subscribe": { params: { readonly names?: readonly string[] | undefined }; result: Subscription };
}
export type MethodName = keyof Methods;

/** What the server sends unasked after `log.subscribe`, `event.subscribe` and `flow.subscribe`; `missed`: so many items before these were dropped for a slow reader. */
export interface LogBatch extends Subscription {
  readonly missed: number;
  readonly lines: readonly LogLine[];
}
export interface EventBatch extends Subscription {
  readonly missed: number;
  readonly facts: readonly Fact[];
}

export interface SharedBatch extends Subscription {
  readonly missed: number;
  readonly news: readonly SharedNews[];
}

/** The methods that open a subscription, and what comes of it. */
export interface Follows {
  "log.subscribe": LogBatch;
  "event.subscribe": EventBatch;
  "flow.subscribe": SharedBatch;
}
