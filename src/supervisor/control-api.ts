import type {
  Caller,
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
import { readPayload } from "../control/payload-words.ts";
import { UndeclaredError } from "../errors/rind-error.ts";
import { UnitError } from "../errors/unit-error.ts";
import { undeclared } from "../errors/undeclared.ts";
import { Turns } from "../lib/turns.ts";
import type { Change } from "../model/change.ts";
import type { Fact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import type { PowerAction } from "../model/power.ts";
import { splitInstance, WHOLE } from "../model/name.ts";
import { effectsOf, notesOn } from "./change-answer.ts";
import { CallerRights } from "./caller-rights.ts";
import { deleteServices, isSet } from "./delete-services.ts";
import { followFacts, followRing, isAbout } from "./follow.ts";
import { serviceGraph } from "./graph.ts";
import { GuardedApi } from "./guarded-api.ts";
import { type HandRequest, requestByHand } from "./hand-request.ts";
import { killServices } from "./kill-services.ts";
import { namedInstances, namedService } from "./named-instances.ts";
import { isPublic } from "./is-public.ts";
import { publicFacts } from "./public-facts.ts";
import { reload } from "./reload.ts";
import { statsOf } from "./service-stats.ts";
import type { AccountNumbers } from "./rights.ts";
import { closing, sessionOf } from "./sessions.ts";
import { setService } from "./set-services.ts";
import { emittableSignal, settableState } from "./settable.ts";
import { allServiceRows, instanceRow, logLine, serviceRows, signalRows, stateRow, stateRows } from "./shown-rows.ts";
import { followShared } from "./shared.ts";
import { stored } from "./stored.ts";
import type { Supervisor } from "./supervisor.ts";
import { variableValue } from "./unit-index.ts";
import type { UnitSource } from "./unit-source.ts";
import { why } from "./why.ts";

const ROOT = 0;

/** What only the daemon knows: who it is, where its units are, how it ends. */
export interface DaemonSide {
  readonly version: string;
  readonly unitFolders: readonly string[];
  readonly statePath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly units: UnitSource;
  readonly accounts: AccountNumbers;
  /** Stops everything; resolves when all of it is gone. Throws where the daemon is the machine's init. */
  down(): Promise<void>;
  /** Begins the end of the machine; throws where it is not that of this daemon. */
  power(action: PowerAction, force: boolean): void;
}

/** The control protocol's calls, carried out by the supervisor. Each change answers when the disk has it. */
export class SupervisorApi implements ControlApi {
  readonly #supervisor: Supervisor;
  readonly #daemon: DaemonSide;
  /** Changes of the units: each is made of those that are in force when its turn comes. */
  readonly #unitChanges: Turns;

  /** Follows the words of what is asked for. */
  readonly #by: string;

  constructor(supervisor: Supervisor, daemon: DaemonSide, { by = "", unitChanges = new Turns() } = {}) {
    this.#supervisor = supervisor;
    this.#daemon = daemon;
    this.#by = by;
    this.#unitChanges = unitChanges;
  }

  /** Of the daemon's own user nothing is said: that is whom everybody takes it to be. Who is neither that nor root is guarded. */
  as(caller: Caller): ControlApi {
    const { pid, uid } = caller;
    if (uid === this.#supervisor.users.daemonUid) return this;
    const by = `, asked by uid ${uid}, pid ${pid}`;
    const named = new SupervisorApi(this.#supervisor, this.#daemon, { by, unitChanges: this.#unitChanges });
    if (uid === ROOT) return named;
    const { accounts } = this.#daemon;
    return new GuardedApi({ supervisor: this.#supervisor, inner: named, rights: new CallerRights(this.#supervisor, caller, accounts) });
  }

  info(): SystemInfo {
    const { project, startedAt, flow } = this.#supervisor;
    const { version, unitFolders, statePath } = this.#daemon;
    return {
      pid: process.pid,
      version,
      project,
      units: unitFolders,
      state_path: statePath,
      since: new Date(this.#supervisor.clock.date(startedAt)).toISOString(),
      degraded: [...flow.branches("rind@degraded").keys()],
      shutting_down: this.#supervisor.demands.refusing,
    };
  }

  down(): Promise<void> {
    return this.#daemon.down();
  }

  async power(action: PowerAction, { force }: { force: boolean }): Promise<void> {
    this.#daemon.power(action, force);
  }

  reload(options: { restart: boolean }): Promise<ReloadAnswer> {
    return this.#unitChanges.take(() => this.#reload(options));
  }

  async #reload(options: { restart: boolean }): Promise<ReloadAnswer> {
    const { units, program, diagnostics, inForce } = await this.#daemon.units.load();
    if (units === undefined || program === undefined) throw new UnitError(diagnostics.filter(({ severity }) => severity === "error"));
    const outcome = await reload(this.#supervisor, units, program, options);
    return { ...outcome, warnings: [...diagnostics, ...(await inForce())] };
  }

  list(): Listing {
    return { services: allServiceRows(this.#supervisor), states: this.states(), signals: signalRows(this.#supervisor) };
  }

  emit(name: string, payload: PayloadText): Promise<ChangeAnswer> {
    const kind = emittableSignal(this.#supervisor.index, name);
    return this.#change(`rind emit ${name}`, { op: "emit", signal: name, payload: readPayload(kind, payload) });
  }

  set(name: string, payload: PayloadText, { replace }: { replace: boolean }): Promise<ChangeAnswer> {
    const kind = settableState(this.#supervisor.index, name);
    return this.#change(`rind set ${name}`, { op: "set", state: name, payload: readPayload(kind, payload), replace });
  }

  unset(name: string, filter: Json | undefined): Promise<ChangeAnswer> {
    settableState(this.#supervisor.index, name);
    return this.#change(`rind unset ${name}`, { op: "unset", state: name, filter });
  }

  get(name: string): readonly Json[] {
    const { program } = this.#supervisor.index;
    if (!program.states.has(name) || name.startsWith("~")) throw undeclared(`no state ${name}`, name, program.states.keys());
    return stateRow(this.#supervisor, name).branches.map(({ payload }) => payload);
  }

  states(): readonly StateRow[] {
    return stateRows(this.#supervisor);
  }

  status(name: string): ServiceRow | readonly ServiceRow[] {
    const { service, key } = splitInstance(name);
    const decl = namedService(this.#supervisor, name);
    const rows = serviceRows(this.#supervisor, decl);
    if (key !== WHOLE) {
      const row = rows.find((candidate) => candidate.name === name);
      if (row === undefined) throw new UndeclaredError(`no instance ${name}`, { hint: `rind status ${service} shows what there is` });
      return row;
    }
    const [only] = rows;
    return decl.branching === undefined && only !== undefined ? only : rows.filter(({ branch }) => branch !== null);
  }

  start(names: readonly string[], { force }: { force: boolean }): Promise<readonly ServiceRow[]> {
    return this.#request({ action: "start", names, force });
  }

  stop(names: readonly string[], { force }: { force: boolean }): Promise<readonly ServiceRow[]> {
    return this.#request({ action: "stop", names, force });
  }

  restart(names: readonly string[]): Promise<readonly ServiceRow[]> {
    return this.#request({ action: "restart", names, force: false });
  }

  reloadServices(names: readonly string[]): Promise<readonly ServiceRow[]> {
    return this.#request({ action: "reload", names, force: false });
  }

  async kill(names: readonly string[], killSignal: NodeJS.Signals): Promise<readonly ServiceRow[]> {
    const killed = await killServices(this.#supervisor, names, killSignal, this.#by);
    return killed.map((instance) => instanceRow(this.#supervisor, instance));
  }

  async stats(name: string): Promise<ServiceStats | readonly InstanceStats[]> {
    const supervisor = this.#supervisor;
    const instances = namedInstances(supervisor, name);
    const isList = splitInstance(name).key === WHOLE && namedService(supervisor, name).branching !== undefined;
    if (!isList) return statsOf(supervisor, instances[0]);
    return Promise.all(instances.map(async (instance) => ({ name: instance.name, ...(await statsOf(supervisor, instance)) })));
  }

  setService(service: Json): Promise<SetServiceAnswer> {
    return this.#unitChanges.take(() => setService(this.#supervisor, this.#daemon.units, service));
  }

  getService(name: string): Promise<Json> {
    return this.#daemon.units.show(namedService(this.#supervisor, name));
  }

  deleteServices(names: readonly string[]): Promise<DeleteAnswer> {
    const { units } = this.#daemon;
    return this.#unitChanges.take(() => {
      const all = [...this.#supervisor.index.services.values()];
      const set = all.filter((decl) => decl.class !== "system" && isSet(decl, units)).map((decl) => decl.name);
      return deleteServices(this.#supervisor, units, names.length > 0 ? names : set);
    });
  }

  why(name: string): Why {
    return why(this.#supervisor, name);
  }

  graph(): ServiceGraph {
    return serviceGraph(this.#supervisor);
  }

  async openSession(given: SessionGiven): Promise<Session> {
    const supervisor = this.#supervisor;
    settableState(supervisor.index, USER_SESSIONS);
    const session = supervisor.sessions.prepare(given);
    const set: Change = { op: "set", state: USER_SESSIONS, payload: { ...session }, replace: true };
    await this.#change(`rind session open of ${session.username}`, set);
    return session;
  }

  async closeSession(wanted: SessionWanted): Promise<readonly Session[]> {
    const supervisor = this.#supervisor;
    settableState(supervisor.index, USER_SESSIONS);
    const found = supervisor.sessions.find(wanted);
    for (const session of found) await this.#change(`rind session close of ${sessionOf(session).username}`, closing(session));
    return found.map(sessionOf);
  }

  variables(): readonly VariableRow[] {
    return [...this.#supervisor.index.variables.keys()].map((name) => this.#variableRow(name));
  }

  async setVariable(name: string, value: Json | undefined): Promise<VariableRow> {
    const supervisor = this.#supervisor;
    const { variables } = supervisor.index;
    if (!variables.has(name)) throw undeclared(`no variable ${name}`, name, variables.keys(), "declare it in a [[variable]] section");
    await supervisor.transact(`rind var ${name}${this.#by}`, (cause) => supervisor.override(name, value, cause));
    await stored(supervisor);
    return this.#variableRow(name);
  }

  logs(query: LogQuery): readonly LogLine[] {
    this.#checkLogNames(query.names);
    return this.#supervisor.ring.query(query).map(logLine);
  }

  followLogs({ names, after }: LogQuery, onLines: LogReader): () => void {
    const { ring } = this.#supervisor;
    return followRing(ring, names, after ?? ring.lastSeq, onLines).end;
  }

  trace({ last, name }: { last: number; name: string | undefined }): readonly Fact[] {
    const { history } = this.#supervisor;
    if (name === undefined) return publicFacts(history.last(last, isPublic), history);
    this.#checkKnown([name]);
    const wanted = new Set([name]);
    const about = history.last(last, (fact) => isPublic(fact) && isAbout(fact, wanted));
    return publicFacts(history.withCauses(about.map(({ id }) => id)), history);
  }

  followEvents(names: readonly string[], onFacts: (facts: readonly Fact[]) => void): () => void {
    this.#checkKnown(names);
    return followFacts(this.#supervisor, names, onFacts);
  }

  followShared(onNews: (news: SharedNews) => void): () => void {
    return followShared(this.#supervisor, onNews);
  }

  async #change(what: string, change: Change): Promise<ChangeAnswer> {
    const supervisor = this.#supervisor;
    let written = false;
    const facts = await supervisor.transact(`${what}${this.#by}`, (cause) => {
      written = supervisor.apply([change], [cause]);
    });
    if (change.op !== "emit") await stored(supervisor);
    return { changed: written || change.op === "emit", effects: effectsOf(facts), notes: notesOn(supervisor, change, written) };
  }

  async #request(request: Omit<HandRequest, "by">): Promise<readonly ServiceRow[]> {
    const touched = await requestByHand(this.#supervisor, { ...request, by: this.#by });
    return touched.map((instance) => instanceRow(this.#supervisor, instance));
  }

  #variableRow(name: string): VariableRow {
    const supervisor = this.#supervisor;
    const decl = supervisor.index.variables.get(name);
    const { value, from } =
      decl === undefined ? { value: undefined, from: "nothing" as const } : variableValue(decl, supervisor.overrides, this.#daemon.env);
    return { name, value: value ?? null, from };
  }

  /** Throws where something is called by a name that nothing has. */
  #checkKnown(names: readonly string[]): void {
    const { index } = this.#supervisor;
    for (const name of names) {
      const known = index.services.has(splitInstance(name).service) || index.program.states.has(name) || index.program.signals.has(name);
      if (!known) why(this.#supervisor, name);
    }
  }

  #checkLogNames(names: readonly string[]): void {
    for (const name of names) {
      if (!this.#supervisor.index.services.has(splitInstance(name).service)) this.status(name);
    }
  }
}
