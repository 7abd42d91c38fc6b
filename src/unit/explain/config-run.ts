/** As `config.ts`, of how a process is run: `run`, and whose it is. */
import type { Json, JsonObject } from "../../model/json.ts";
import type { RlimitDecl, RunDecl, ServiceDecl } from "../../model/unit-set.ts";
import { given } from "./given.ts";

export function runConfig(run: RunDecl): JsonObject {
  const { program, args, env, envFiles, cwd, stdin, user, group, umask, nice, oomScoreAdj, rlimits, tty, reload } = run;
  return given({
    exec: program,
    args,
    env,
    "env-file": envFiles,
    cwd,
    stdin,
    user,
    group,
    umask: umask === undefined ? undefined : umask.toString(8).padStart(3, "0"),
    nice,
    "oom-score-adj": oomScoreAdj,
    rlimits: rlimits.length === 0 ? undefined : Object.fromEntries(rlimits.map((limit) => [limit.name, rlimitConfig(limit)])),
    tty,
    reload: reload?.kind === "command" ? [reload.program, ...reload.args] : reload?.signal,
  });
}

function rlimitConfig({ soft, hard }: RlimitDecl): Json {
  const [one, other] = [soft, hard].map((limit) => (Number.isFinite(limit) ? limit : "unlimited"));
  return soft === hard ? (one ?? 0) : [one ?? 0, other ?? 0];
}

export function spaceConfig({ space, userSource }: ServiceDecl): { space: Json; "user-source": Json | undefined } {
  return {
    space: space.kind === "named" ? { user: space.user } : space.kind,
    "user-source":
      userSource === undefined
        ? undefined
        : given({
            ...(userSource.state === undefined
              ? { branch: true }
              : { state: userSource.state, "match-branch-key": userSource.matchBranchKey }),
            "username-field": userSource.usernameField,
          }),
  };
}
