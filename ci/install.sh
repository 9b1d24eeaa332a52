#!/usr/bin/env bash
# The first step of action.yml: what the lockfile pins, the Node under test among it, unless it is there already.
set -euo pipefail
if [ ! -x "$GITHUB_ACTION_PATH/node_modules/.bin/node" ]; then
  npm ci --omit=dev --no-audit --no-fund --prefix "$GITHUB_ACTION_PATH"
fi
