/**
 * Which folder of `src` may import what. A folder imports itself and lower ranks; a package is imported in the folders that are its
 * doors and nowhere else. The rules below are made from these two tables; change the tables.
 */
const RANKS = [
  ["lib"],
  ["errors"],
  ["log", "model"],
  ["flow"],
  ["unit"],
  ["bus", "process", "persist", "control"],
  ["service"],
  ["supervisor"],
  ["init", "network"],
  ["daemon"],
  ["cli"],
];

const DOORS = {
  commander: ["cli"],
  execa: ["process"],
  "node-api-headers": ["process"],
  pino: ["log"],
  "pino-pretty": ["log"],
  rxjs: ["bus", "supervisor"],
  "smol-toml": ["unit"],
  "toml-eslint-parser": ["unit"],
  xstate: ["service"],
  zod: ["unit", "control"],
};

/** Paths below the given folders of `src`. */
function below(folders) {
  return `^src/(${folders.join("|")})/`;
}

const downward = RANKS.flatMap((rank, index) =>
  rank.map((folder) => ({
    name: `${folder} looks down only`,
    comment: `rank ${index}: itself and what is below`,
    severity: "error",
    from: { path: below([folder]) },
    to: { path: "^src/", pathNot: below([...RANKS.slice(0, index).flat(), folder]) },
  })),
);

const doors = Object.entries(DOORS).map(([name, folders]) => ({
  name: `the door to ${name}`,
  comment: `only ${folders.join(" and ")} may import it`,
  severity: "error",
  from: { path: "^src/", pathNot: below(folders) },
  to: { path: `node_modules/${name}/` },
}));

/** What the schemas of the protocol are in and what needs them. */
const WITH_ZOD = "^src/control/(explain-params|open-rpc|params|params-outline|results)\\.ts$";

const others = [
  {
    name: "no cycles",
    severity: "error",
    from: { path: "^src/" },
    to: { circular: true },
  },
  {
    name: "a package needs a door",
    severity: "error",
    from: { path: "^src/" },
    to: { path: "node_modules/", pathNot: `node_modules/(${[...Object.keys(DOORS), "@types"].join("|")})/` },
  },
  {
    name: "flow is pure",
    comment: "no package and nothing of the system",
    severity: "error",
    from: { path: below(["flow"]) },
    to: { dependencyTypes: ["core", "npm", "npm-dev"] },
  },
  {
    name: "the daemon is loaded late",
    comment: "only by a dynamic import: no other command needs the packages that it does",
    severity: "error",
    from: { path: below(["cli"]) },
    to: { path: below(["daemon"]), dependencyTypesNot: ["dynamic-import", "type-only"] },
  },
  {
    name: "calls are read without zod",
    comment: "it is loaded to explain a mistake in one, and for the OpenRPC document",
    severity: "error",
    from: { path: below(["control"]), pathNot: WITH_ZOD },
    to: { path: "node_modules/zod/" },
  },
  {
    name: "what says more of calls is loaded late",
    severity: "error",
    from: { path: "^src/", pathNot: WITH_ZOD },
    to: { path: WITH_ZOD, dependencyTypesNot: ["dynamic-import", "type-only"] },
  },
  {
    name: "src stands alone",
    comment: "it imports neither tests nor benches nor what is not there",
    severity: "error",
    from: { path: "^src/" },
    to: { path: "^(test|bench|flows)/" },
  },
  {
    name: "everything imported exists",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "every folder has a rank",
    severity: "error",
    from: { path: "^src/", pathNot: below(RANKS.flat()) },
    to: {},
  },
];

export default {
  forbidden: [...downward, ...doors, ...others],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};
