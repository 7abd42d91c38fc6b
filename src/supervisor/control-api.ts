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
  SetServiceAnswer,
  StateRow,
  SystemInfo,
  VariableRow,
  Why,
} from "../control/api.ts";
import { readPayload } from "../control/payload-words.ts";
import { RejectedError, UndeclaredError } from "../errors/rind-error.ts";
import { UnitError } from "../errors/unit-error.ts";
import { undeclared } from "../errors/undeclared.ts";
import { Turns } from "../lib/turns.ts";
import type { Change } from "../model/change.ts";
import type { Fact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import { splitInstance, WHOLE } from "../model/name.ts";
import { isDown, type Phase } from "../model/phase.ts";
import { awaitPhase, isSettled } from "./await-phase.ts";
import { bulkTargets } from "./bulk.ts";
import { effectsOf, notesOn } from "./change-answer.ts";
import { deleteServices, isSet } from "./delete-services.ts";
import type { HandAction } from "./demands.ts";
import { followFacts, followRing, isAbout } from "./follow.ts";
import { serviceGraph } from "./graph.ts";
import type { Instance } from "./instance.ts";
import { killServices } from "./kill-services.ts";
import { namedInstances, namedService } from "./named-instances.ts";
import { isPublic } from "./is-public.ts";
import { publicFacts } from "./public-facts.ts";
import { reload } from "./reload.ts";
import { statsOf } from "./service-stats.ts";
import { setService } from "./set-services.ts";
import { emittableSignal, settableState } from "./settable.ts";
import { allServiceRows, instanceRow, logLine, serviceRows, signalRows, stateRow, stateRows } from "./shown-rows.ts";
import { stored } from "./stored.ts";
import type { Supervisor } from "./supervisor.ts";
import { variableValue } from "./unit-index.ts";
import type { UnitSource } from "./unit-source.ts";
import { why } from "./why.ts";

/** What only the daemon knows: who it is, where its units are, how it ends. */
export interface DaemonSide {
  readonly version: string;
  readonly unitFolders: readonly string[];
  readonly statePath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly units: UnitSource;
  /** Stops everything; resolves when all of it is gone. */
  down(): Promise<void>;
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

  /** Of the daemon's own user nothing is said: that is whom everybody takes it to be. */
  as({ pid, uid }: Caller): ControlApi {
    if (uid === process.getuid?.()) return this;
    return new SupervisorApi(this.#supervisor, this.#daemon, { by: `, asked by uid ${uid}, pid ${pid}`, unitChanges: this.#unitChanges });
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
      since: new Date(startedAt).toISOString(),
      degraded: [...flow.branches("rind@degraded").keys()],
      shutting_down: this.#supervisor.demands.refusing,
    };
  }

  down(): Promise<void> {
    return this.#daemon.down();
  }

  reload(options: { restart: boolean }): Promise<ReloadAnswer> {
    return this.#unitChanges.take(() => this.#reload(options));
  }

  async #reload(options: { restart: boolean }): Promise<ReloadAnswer> {
    const { units, program, diagnostics, inForce } = await this.#daemon.units.load();
    if (units === undefined || program === undefined) throw new UnitError(diagnostics.filter(({ severity }) => severity === "error"));
    const outcome = await reload(this.#supervisor, units, program, options);
    await inForce();
    return { ...outcome, warnings: diagnostics };
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
    return this.#hand(names, "start", force, isSettled);
  }

  stop(names: readonly string[], { force }: { force: boolean }): Promise<readonly ServiceRow[]> {
    return this.#hand(names, "stop", force, isDown);
  }

  restart(names: readonly string[]): Promise<readonly ServiceRow[]> {
    return this.#hand(names, "restart", false, isSettled);
  }

  reloadServices(names: readonly string[]): Promise<readonly ServiceRow[]> {
    return this.#hand(names, "reload", false, () => true);
  }

  async kill(names: readonly string[], killSignal: NodeJS.Signals): Promise<readonly ServiceRow[]> {
    const killed = await killServices(this.#supervisor, names, killSignal);
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

  getService(name: string): Json {
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

  async #change(what: string, change: Change): Promise<ChangeAnswer> {
    const supervisor = this.#supervisor;
    let written = false;
    const facts = await supervisor.transact(`${what}${this.#by}`, (cause) => {
      written = supervisor.apply([change], [cause]);
    });
    if (change.op !== "emit") await stored(supervisor);
    return { changed: written || change.op === "emit", effects: effectsOf(facts), notes: notesOn(supervisor, change, written) };
  }

  async #hand(
    names: readonly string[],
    action: HandAction,
    force: boolean,
    accepts: (phase: Phase) => boolean,
  ): Promise<readonly ServiceRow[]> {
    const supervisor = this.#supervisor;
    const starts = action === "start" || action === "restart";
    if (starts && supervisor.demands.refusing) throw startRefused();
    const targets = names.length > 0 ? names : bulkTargets(supervisor, action);
    for (const name of targets) supervisor.demands.checkTarget(name);
    const touched: Instance[] = [];
    const rivals = new Set<Instance>();
    await supervisor.transact(`rind ${action} ${names.length > 0 ? names.join(" ") : "--all"}${this.#by}`, (cause) => {
      for (const name of targets) touched.push(...supervisor.demands.byHand(name, action, { force, cause, reason: `${action} by hand` }));
      if (force && action === "start")
        for (const rival of touched.flatMap((instance) => supervisor.demands.inTheWay(instance))) rivals.add(rival);
    });
    // what was stopped by force to make room has to be gone before it is known what the start comes to
    await Promise.all([...rivals].map((rival) => awaitPhase(supervisor, supervisor.instances, rival, isDown)));
    await Promise.all(touched.map((instance) => awaitPhase(supervisor, supervisor.instances, instance, accepts)));
    const isRefused = ({ phase, context }: Instance): boolean => phase === "blocked" || (isDown(phase) && context.outcome === "stopped");
    if (starts && supervisor.demands.refusing && touched.some(isRefused)) throw startRefused();
    return touched.map((instance) => instanceRow(supervisor, instance));
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

function startRefused(): RejectedError {
  return new RejectedError("nothing is started any more: a shutdown is under way");
}
