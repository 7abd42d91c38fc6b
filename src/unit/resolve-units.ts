/**
 * From items to the unit set: checks each against its schema, gives every name its meaning, and finds what only the items together show.
 * An item with mistakes keeps its place under its name, empty, so that one mistake is not told again by everything that refers to it.
 */
import { BUILT_IN_SIGNALS, BUILT_IN_STATES } from "../flow/built-ins.ts";
import type { Json } from "../model/json.ts";
import type { ServiceDecl, SignalDecl, StateDecl, UnitSet, VariableDecl } from "../model/unit-set.ts";
import type { Collected, Item } from "./collect-items.ts";
import { extendServices } from "./extend.ts";
import { Facts } from "./facts.ts";
import { Names } from "./names.ts";
import { type Problem, reportInto } from "./problem.ts";
import type { Project } from "./project.ts";
import { resolveSignal, resolveState } from "./resolve/facts.ts";
import { resolveService, type ServiceContext } from "./resolve/service.ts";
import { SECTION_SCHEMAS, settingsSchema } from "./schema/unit-file.ts";
import type { RawService } from "./schema/service.ts";
import type { RawSettings } from "./schema/settings.ts";
import type { RawSignal } from "./schema/signal.ts";
import type { RawState } from "./schema/state.ts";
import type { RawVariable } from "./schema/variable.ts";
import { reportIssues } from "./schema-problems.ts";
import { Scope, type Units } from "./scope.ts";
