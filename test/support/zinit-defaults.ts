/** What service.get answers of a service in zinit's shape of which only name and command were given, but for these two. */
export const ZINIT_DEFAULTS = {
  service: { dir: null, oneshot: false, env: {}, status: "start", class: "user", critical: false },
  dependencies: { after: [], requires: [], wants: [], conflicts: [] },
  lifecycle: {
    restart: "on_failure",
    restart_delay_ms: 1_000,
    restart_delay_max_ms: 300_000,
    max_restarts: 10,
    stability_period_ms: 30_000,
    start_timeout_ms: 30_000,
    stop_timeout_ms: 10_000,
    stop_signal: "SIGTERM",
  },
  health: null,
  logging: { buffer_lines: 1_000, file: null, forward: null },
};
