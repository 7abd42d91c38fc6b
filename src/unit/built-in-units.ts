/**
 * The units that the system's daemon has of itself, as text, as if somebody had written them: they can be looked at, replaced by a
 * `rind.toml`, and changed by a drop-in (`rind.d/NAME.toml`, for example with `enabled = false`).
 */

/** Relative to nothing: what `sh` makes of them as the user. */
const USER_UNITS = "$HOME/.config/rind/flows";
const USER_STATE = "${XDG_STATE_HOME:-$HOME/.local/state}/rind/state";
const USER_SOCKET = "$XDG_RUNTIME_DIR/rind/rind.sock";

/** Files by name, for the loader. `self`: the command line that starts this program. */
export function builtInUnits(self: readonly string[]): ReadonlyMap<string, string> {
  return new Map([["rind.toml", userUnits(self)]]);
}

/**
 * The daemon of a user's own units (SPEC 6.9), one instance for each user who is logged in. Who has no such units needs none. It stops its services in
 * order, and has the time for it that these have.
 */
function userUnits(self: readonly string[]): string {
  const script = [
    `[ -d "${USER_UNITS}" ] || exit 0`,
    `exec "$@" up "${USER_UNITS}" --system "$RIND_SOCKET" --socket "${USER_SOCKET}" --state "${USER_STATE}" --quiet`,
  ].join("\n");
  return `[[service]]
name = "user-units"
class = "system"
space = "user"
branching = { source-state = "rind@user-login", key = "username", except = ["root"] }
run.exec = "sh"
run.args = ${JSON.stringify(["-c", script, "rind", ...self])}
stop-timeout = "2m"
`;
}
