#!/usr/bin/env bash
# The middle of action.yml: runs the gate and leaves everything that later steps need in $GITHUB_OUTPUT. It succeeds when the
# gate could be run at all; what the gate came to is its output `exit-code`, which the last step passes on.
#
# Reads SCENARIO, BASELINE, HISTORY, LABEL, ARGS, FAIL_ON_INCONCLUSIVE, and what a runner sets: GITHUB_ACTION_PATH,
# GITHUB_OUTPUT, GITHUB_STEP_SUMMARY, RUNNER_TEMP.
set -euo pipefail

bench() {
  "$GITHUB_ACTION_PATH/node_modules/.bin/node" --max-semi-space-size=8 "$GITHUB_ACTION_PATH/src/cli.ts" "$@"
}

results=$(mktemp -d "$RUNNER_TEMP/mqtt-tls-bench-XXXXXX")
arguments=(
  "$SCENARIO"
  --write "markdown=$results/comment.md"
  --write "junit=$results/junit.xml"
  --write "action-benchmark=$results/action-benchmark.json"
  --write "bencher=$results/bencher.json"
)

# A run folder is judged as it is; a scenario is run first.
if [ -d "$SCENARIO" ] || [ "${SCENARIO%.json}" != "$SCENARIO" ]; then
  run=$SCENARIO
else
  run=$results/run
  arguments+=(--out "$run")
fi
if [ -n "${BASELINE:-}" ]; then arguments+=(--baseline "$BASELINE"); fi
# The first run of all has no history to learn from.
if [ -n "${BASELINE:-}" ] && [ -n "${HISTORY:-}" ] && [ -f "$HISTORY" ]; then arguments+=(--history "$HISTORY"); fi
if [ "${FAIL_ON_INCONCLUSIVE:-false}" = true ]; then arguments+=(--fail-on-inconclusive); fi
if [ -n "${ARGS:-}" ]; then
  # Words and quotes as in a shell, but nothing is expanded or run: xargs only takes them apart.
  words=$(mktemp "$RUNNER_TEMP/mqtt-tls-bench-args-XXXXXX")
  xargs -r printf '%s\0' <<<"$ARGS" >"$words" || {
    echo "::error::args: $ARGS: expected words and quotes as in a shell; is a quote not closed?"
    exit 2
  }
  while IFS= read -r -d '' word; do
    case $word in
      --out | --out=*)
        echo "::error::args: --out is not for args: the run folder is the action's output \`run\`, and is uploaded."
        exit 2
        ;;
    esac
    arguments+=("$word")
  done <"$words"
fi

code=0
bench gate "${arguments[@]}" || code=$?
# Two variants that were measured together have a folder each.
if [ -d "$run/candidate" ]; then run=$run/candidate; fi

{
  echo "exit-code=$code"
  echo "results=$results"
  echo "run=$run"
} >>"$GITHUB_OUTPUT"

if [ -f "$results/comment.md" ]; then
  echo "markdown=$results/comment.md" >>"$GITHUB_OUTPUT"
  cat "$results/comment.md" >>"$GITHUB_STEP_SUMMARY"
  # Only a run that was judged is kept. One that was cut short is refused, and that is not the gate's own verdict.
  if [ -n "${HISTORY:-}" ]; then
    bench history add "$run" --file "$HISTORY" ${LABEL:+--label "$LABEL"} ||
      echo "::warning::The run was not added to $HISTORY; the log above says why."
  fi
else
  echo "::error::mqtt-tls-bench gate ended with exit code $code before it could judge; the log above says why."
fi
