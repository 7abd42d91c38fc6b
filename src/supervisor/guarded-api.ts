import type {
  ChangeAnswer,
  ControlApi,
  DeleteAnswer,
  InstanceStats,
  Listing,
  LogLine,
  LogQuery,
  LogReader,
  PayloadText,
  ReloadAnswer,
  ServiceGraph,
  ServiceRow,
  ServiceStats,
  Session,
  SessionGiven,
  SessionWanted,
  SetServiceAnswer,
  SharedNews,
  StateRow,
  SystemInfo,
  VariableRow,
  Why,
} from "../control/api.ts";
import { USER_SESSIONS } from "../flow/demand/listening.ts";
import { DeniedError } from "../errors/rind-error.ts";
import type { Fact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import { describePower, type PowerAction } from "../model/power.ts";
import { instanceName, splitInstance, WHOLE } from "../model/name.ts";
import type { Right, ServiceDecl } from "../model/unit-set.ts";
import { bulkTargets } from "./bulk.ts";
import type { CallerRights } from "./caller-rights.ts";
import type { HandAction } from "./demands.ts";
import { namedService } from "./named-instances.ts";
import { describeRights } from "./rights.ts";
import type { Supervisor } from "./supervisor.ts";
import { veiledFact, veiledListing, veiledService, veiledState, veiledVariable } from "./veil.ts";
import { why } from "./why.ts";

export interface Guarded {
  readonly supervisor: Supervisor;
  /** Carries out what is let through. */
  readonly inner: ControlApi;
  readonly rights: CallerRights;
}

/**
 * The control api for a client that is neither root nor the daemon's own user (SPEC 12): each call is judged before anything of it is done, and what
 * is answered is veiled. What is denied throws a `DeniedError`; a name that is declared nowhere is the same error as for everybody.
 */
export class GuardedApi implements ControlApi {
  readonly #supervisor: Supervisor;
  readonly #inner: ControlApi;
  readonly #rights: CallerRights;

  constructor({ supervisor, inner, rights }: Guarded) {
    this.#supervisor = supervisor;
    this.#inner = inner;
    this.#rights = rights;
  }

  /** Who is guarded once stays so. */
  as(): ControlApi {
    return this;
  }

  info(): SystemInfo {
    return this.#inner.info();
  }

  async down(): Promise<void> {
    throw this.#forRoot("to stop the daemon");
  }

  async power(action: PowerAction): Promise<void> {
    throw this.#forRoot(`to ${describePower(action)} the machine`);
  }

  async reload(): Promise<ReloadAnswer> {
    throw this.#forRoot("to reload the units");
  }

  list(): Listing {
    return veiledListing(this.#inner.list(), this.#rights);
  }

  async emit(name: string, payload: PayloadText): Promise<ChangeAnswer> {
    const { signals } = this.#supervisor.index.program;
    if (signals.has(name)) this.#demand(this.#rights.emittersOf(name), name, "permissions");
    return this.#inner.emit(name, payload);
  }

  async set(name: string, payload: PayloadText, options: { replace: boolean }): Promise<ChangeAnswer> {
    this.#demandState(name);
    return this.#inner.set(name, payload, options);
  }

  async unset(name: string, filter: Json | undefined): Promise<ChangeAnswer> {
    this.#demandState(name);
    return this.#inner.unset(name, filter);
  }

  get(name: string): readonly Json[] {
    const { states, program } = this.#supervisor.index;
    if (program.states.has(name) && !this.#rights.maySeeState(name))
      throw this.#lacking(states.get(name)?.permissions ?? [], name, "permissions");
    return this.#inner.get(name);
  }

  states(): readonly StateRow[] {
    return this.#inner.states().map((row) => veiledState(row, this.#rights));
  }

  status(name: string): ServiceRow | readonly ServiceRow[] {
    const found = this.#inner.status(name);
    return isRow(found) ? veiledService(found, this.#rights) : found.map((row) => veiledService(row, this.#rights));
  }

  async start(names: readonly string[], options: { force: boolean }): Promise<readonly ServiceRow[]> {
    this.#demandTargets(names, "start");
    if (options.force) for (const name of this.#rivalsOf(names)) this.#demandService(name);
    return this.#veiled(this.#inner.start(names, options));
  }

  async stop(names: readonly string[], options: { force: boolean }): Promise<readonly ServiceRow[]> {
    this.#demandTargets(names, "stop");
    return this.#veiled(this.#inner.stop(names, options));
  }

  async restart(names: readonly string[]): Promise<readonly ServiceRow[]> {
    this.#demandTargets(names, "restart");
    return this.#veiled(this.#inner.restart(names));
  }

  async reloadServices(names: readonly string[]): Promise<readonly ServiceRow[]> {
    this.#demandTargets(names, "reload");
    return this.#veiled(this.#inner.reloadServices(names));
  }

  async kill(names: readonly string[], killSignal: NodeJS.Signals): Promise<readonly ServiceRow[]> {
    for (const name of names) this.#demandService(name);
    return this.#veiled(this.#inner.kill(names, killSignal));
  }

  async stats(name: string): Promise<ServiceStats | readonly InstanceStats[]> {
    this.#demandService(name);
    return this.#inner.stats(name);
  }

  async setService(): Promise<SetServiceAnswer> {
    throw this.#forRoot("to set services");
  }

  /** Its environment is in it. */
  getService(name: string): Promise<Json> {
    this.#demandService(name);
    return this.#inner.getService(name);
  }

  async deleteServices(): Promise<DeleteAnswer> {
    throw this.#forRoot("to delete services");
  }

  why(name: string): Why {
    const found = why(this.#supervisor, name, (state) => this.#rights.maySeeState(state));
    return {
      ...found,
      service: found.service === null ? null : veiledService(found.service, this.#rights),
      because: found.because.map((fact) => veiledFact(fact, this.#rights)),
    };
  }

  graph(): ServiceGraph {
    return this.#inner.graph();
  }

  async openSession(given: SessionGiven): Promise<Session> {
    this.#demandState(USER_SESSIONS);
    return this.#inner.openSession(given);
  }

  async closeSession(wanted: SessionWanted): Promise<readonly Session[]> {
    this.#demandState(USER_SESSIONS);
    return this.#inner.closeSession(wanted);
  }

  variables(): readonly VariableRow[] {
    return this.#inner.variables().map(veiledVariable);
  }

  async setVariable(): Promise<VariableRow> {
    throw this.#forRoot("to change variables");
  }

  logs(query: LogQuery): readonly LogLine[] {
    const names = this.#readable(query.names);
    return this.#inner.logs({ ...query, names }).filter((line) => this.#reads(line));
  }

  followLogs(query: LogQuery, onLines: LogReader): () => void {
    this.#readable(query.names);
    return this.#inner.followLogs(query, (lines, missed = 0) => {
      const own = lines.filter((line) => this.#reads(line));
      return own.length === 0 && missed === 0 ? undefined : onLines(own, missed);
    });
  }

  trace(options: { last: number; name: string | undefined }): readonly Fact[] {
    return this.#inner.trace(options).map((fact) => veiledFact(fact, this.#rights));
  }

  followEvents(names: readonly string[], onFacts: (facts: readonly Fact[]) => void): () => void {
    return this.#inner.followEvents(names, (facts) => onFacts(facts.map((fact) => veiledFact(fact, this.#rights))));
  }

  /** Nothing that lists permissions is in it. */
  followShared(onNews: (news: SharedNews) => void): () => void {
    return this.#inner.followShared(onNews);
  }

  #forRoot(what: string): DeniedError {
    return new DeniedError(`${what} is for root and the daemon's own user alone, not for ${this.#rights.who}`, undefined);
  }

  /** Of a state that there is not nothing is asked: what carries out the call says so. */
  #demandState(name: string): void {
    if (this.#supervisor.index.program.states.has(name)) this.#demand(this.#rights.settersOf(name), name, "permissions");
  }

  #demand(rights: readonly Right[], item: string, key: string): void {
    if (!this.#rights.has(rights)) throw this.#lacking(rights, item, key);
  }

  #lacking(rights: readonly Right[], item: string, key: string): DeniedError {
    return new DeniedError(
      rights.length === 0
        ? `${item} lists no ${key}, so it is for root and the daemon's own user alone, not for ${this.#rights.who}`
        : `${item} lists ${key} ${describeRights(rights)}, and ${this.#rights.who} has none of these`,
      item,
    );
  }

  /** Throws where it is declared nowhere. */
  #demandService(name: string): void {
    const decl = namedService(this.#supervisor, name);
    if (!this.#rights.mayControl(decl, splitInstance(name).key)) throw this.#lacking(decl.managedBy, name, "managed-by");
  }

  /** All or nothing, the bulk operations too. */
  #demandTargets(names: readonly string[], action: HandAction): void {
    const bulk = names.length === 0;
    const targets = bulk ? bulkTargets(this.#supervisor, action) : names;
    // before anything is asked of any of them, so that an unknown name is told as such
    const decls = targets.map((name) => namedService(this.#supervisor, name));
    if (bulk && !decls.every((decl) => this.#rights.mayControl(decl, WHOLE))) throw this.#forRoot(`to ${action} all services`);
    for (const name of targets) this.#demandService(name);
  }

  /** What conflicts with these and is up: a start by force stops it. */
  #rivalsOf(names: readonly string[]): readonly string[] {
    const { guards } = this.#supervisor;
    return names.flatMap((name) => {
      const { service, key } = splitInstance(name);
      const keys = key === WHOLE ? [WHOLE, ...(guards.get(service)?.keys() ?? [])] : [key];
      const places = keys.flatMap((each) => guards.inTheWay({ service, key: each }));
      return places.map((place) => instanceName(place.service, place.key));
    });
  }

  async #veiled(rows: Promise<readonly ServiceRow[]>): Promise<readonly ServiceRow[]> {
    return (await rows).map((row) => veiledService(row, this.#rights));
  }

  #reads({ service, seq }: LogLine): boolean {
    const from = this.#rights.readsFrom(service);
    return from !== undefined && seq >= from;
  }

  /** The services and instances among those named, or among all, whose output it may read. Throws where there are none. */
  #readable(names: readonly string[]): readonly string[] {
    const { index } = this.#supervisor;
    const asked: readonly ServiceDecl[] =
      names.length === 0 ? [...index.services.values()] : names.map((name) => namedService(this.#supervisor, name));
    const readable = (names.length === 0 ? asked.map(({ name }) => name) : names).flatMap((name) => this.#readableOf(name));
    const [only] = names.length === 1 ? asked : [];
    if (readable.length > 0) return readable;
    if (only !== undefined) throw this.#lacking(only.managedBy, names[0] ?? only.name, "managed-by");
    throw new DeniedError(
      `what services print is for root and who controls them, and ${this.#rights.who} controls none of these`,
      undefined,
    );
  }

  #readableOf(name: string): readonly string[] {
    const { service, key } = splitInstance(name);
    const decl = namedService(this.#supervisor, name);
    if (this.#rights.has(decl.managedBy)) return [name];
    const instances = key === WHOLE ? this.#supervisor.instances.of(service).map((instance) => instance.name) : [name];
    return instances.filter((instance) => this.#rights.readsFrom(instance) !== undefined);
  }
}

function isRow(found: ServiceRow | readonly ServiceRow[]): found is ServiceRow {
  return !Array.isArray(found);
}
