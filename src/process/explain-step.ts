import type { LaunchFailure } from "../model/exit.ts";
import { fullSystem, largePlan } from "./explain-refusal.ts";
import type { LaunchPlan } from "./launcher.ts";
import type { Spawned } from "./spawn-request.ts";

type Failed = Extract<Spawned, { ok: false }>;

/** Why a process could not become what its plan says, and what would be right. `path`: of its program. */
export function explainStep(failed: Failed, plan: LaunchPlan, path: string): LaunchFailure {
  if (failed.code === "ETIMEDOUT") return late(failed, plan, path);
  switch (failed.step) {
    case "pipe":
      return fullSystem(failed.code) ?? failure("system", `no pipe can be made for the output of ${plan.instance} (${failed.code})`);
    case "terminal":
    case "control":
    case "owner":
      return terminalFailure(failed, plan);
    case "nice":
    case "oom":
    case "limit":
      return limitFailure(failed, plan);
    case "groups":
    case "gid":
    case "uid":
      return userFailure(failed, plan);
    case "folder":
      return folderFailure(failed, plan);
    case "exec":
      return execFailure(failed, plan, path);
    default:
      return fullSystem(failed.code) ?? failure("system", `no process can be made for it: ${failed.step} is refused (${failed.code})`);
  }
}

function late({ step }: Failed, plan: LaunchPlan, path: string): LaunchFailure {
  const where = { folder: `its folder ${plan.cwd}`, exec: path, terminal: `its terminal ${plan.tty ?? ""}` };
  const what = step === "folder" || step === "exec" || step === "terminal" ? where[step] : step;
  return failure(
    "system",
    `it was killed before its program ran: ${what} did not answer in time; a file system may hang, or its user has stopped it`,
  );
}

function terminalFailure({ step, code }: Failed, { tty = "", identity }: LaunchPlan): LaunchFailure {
  if (step === "owner") return failure("not-permitted", `its terminal ${tty} cannot be given to ${userOf(identity?.uid)} (${code})`);
  if (step === "terminal") {
    if (code === "ENOENT")
      return failure("not-found", `its terminal ${tty} does not exist: set run.tty to the path of one, such as /dev/tty1`);
    if (code === "EACCES") return failure("not-permitted", `its terminal ${tty} may not be opened by the daemon: run it as root`);
    return failure("system", `its terminal ${tty} cannot be opened (${code})`);
  }
  if (code === "EPERM")
    return failure("system", `its terminal ${tty} is that of another session: end what runs there, or set run.tty to another`);
  return failure("bad-plan", `its terminal ${tty} is none (${code}): set run.tty to the path of one, such as /dev/tty1`);
}

function limitFailure({ step, code, limit }: Failed, { nice = 0, oomScoreAdj = 0 }: LaunchPlan): LaunchFailure {
  const [what, unit] =
    step === "nice"
      ? [`niceness ${nice}`, "run.nice"]
      : step === "oom"
        ? [`oom-score-adj ${oomScoreAdj}`, "run.oom-score-adj"]
        : [`limit ${limit?.name ?? ""} of ${limit?.soft ?? ""} (hard ${limit?.hard ?? ""})`, "run.rlimits"];
  if (code === "EPERM" || code === "EACCES")
    return failure(
      "not-permitted",
      `it may not have the ${what}: to ask for more than the daemon has takes root; ask for less in ${unit}, or run the daemon as root`,
    );
  if (code === "EINVAL")
    return failure("bad-plan", `the kernel does not take the ${what}: ${step === "limit" ? "soft is at most hard" : `see ${unit}`}`);
  return failure("system", `it cannot have the ${what} (${code})`);
}

function userFailure({ step, code }: Failed, { identity }: LaunchPlan): LaunchFailure {
  const who = userOf(identity?.uid);
  if (code === "EPERM") return failure("not-permitted", `it may not run as ${who}: run the daemon as root, or leave out who it runs as`);
  if (code === "EINVAL")
    return failure("bad-plan", `it cannot run as ${who}: that user, or one of its groups, does not exist in this user namespace (${step})`);
  return failure("system", `it cannot become ${who}: ${step} is refused (${code})`);
}

function folderFailure({ code }: Failed, { cwd, identity }: LaunchPlan): LaunchFailure {
  if (code === "EACCES") {
    return failure(
      "not-permitted",
      `its folder ${cwd} may not be entered by ${userOf(identity?.uid)}: give it and those above it the right "x", or set run.cwd to another`,
    );
  }
  if (code === "ENOENT" || code === "ENOTDIR")
    return failure("not-found", `its folder ${cwd} does not exist: make it, or set run.cwd to another`);
  return failure("system", `its folder ${cwd} cannot be entered (${code})`);
}

function execFailure({ code }: Failed, plan: LaunchPlan, path: string): LaunchFailure {
  const who = userOf(plan.identity?.uid);
  switch (code) {
    case "EACCES":
    case "EPERM":
      return failure(
        "not-permitted",
        `${who} may not run ${path}: give the file the right "x" and the folders above it too, on a file system that is not mounted noexec`,
      );
    case "ENOENT":
      return failure("not-found", `the kernel does not run ${path}: it is gone, or lacks the loader or interpreter that it asks for`);
    case "ENOEXEC":
    case "ELIBBAD":
      return failure("bad-plan", `the kernel does not run ${path}: it is made for another machine, or damaged (${code})`);
    case "E2BIG":
      return largePlan(plan) ?? failure("bad-plan", "its arguments and environment are more than its stack limit allows (E2BIG)");
    case "EAGAIN":
      return failure("system", `${who} has as many processes as it may: raise its limit nproc, or stop some (EAGAIN)`);
    case "ETXTBSY":
      return failure("system", `the kernel does not run ${path}: it is being written to`);
    default:
      return fullSystem(code) ?? failure("system", `the kernel does not run ${path} (${code})`);
  }
}

function userOf(uid: number | undefined): string {
  return uid === undefined ? "the daemon's user" : `uid ${uid}`;
}

function failure(kind: LaunchFailure["kind"], message: string): LaunchFailure {
  return { kind, message };
}
