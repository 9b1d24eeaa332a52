/** The exit codes that CI scripts rest on. Never renumber them. */
export const EXIT = {
  good: 0,
  /** A defect of this tool. */
  internal: 1,
  /** Wrong options, or a scenario or results file that is not valid. */
  usage: 2,
  /** A gate or comparison found a regression. */
  regression: 3,
  /** No verdict was possible, and `--fail-on-inconclusive` was given. */
  inconclusive: 4,
  /** The machine lacks what was asked for: a backend, a tool, a limit, a free port, a calibrated link; or a program of it ended. */
  environment: 5,
  /** More connections failed or were excluded than the scenario's budget allows. */
  overBudget: 6,
  /** Ctrl-C or SIGTERM; what was measured until then is saved and marked incomplete. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
