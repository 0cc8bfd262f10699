# For the scripts of this folder: counted expectations. Source it after tests/support/world.sh.
# shellcheck shell=bash
failures=0
checks=0

# expect STATUS WHAT COMMAND...; for cosign, which knows one status for all failures, `nonzero`.
expect() {
  local wanted=$1 what=$2 status=0
  shift 2
  "$@" >"$world/out" 2>&1 </dev/null || status=$?
  checks=$((checks + 1))
  if [ "$status" != "$wanted" ] && ! { [ "$wanted" = nonzero ] && [ "$status" != 0 ]; }; then
    echo "FAILED: $what: exit status $status, wanted $wanted: $*"
    cat "$world/out"
    failures=$((failures + 1))
  fi
}

# said PATTERN: stands in what the last command said.
said() {
  checks=$((checks + 1))
  grep -qE -- "$1" "$world/out" && return
  echo "FAILED: /$1/ was not said, but:"
  cat "$world/out"
  failures=$((failures + 1))
}

# Ends the script: 0 when nothing failed.
finish() {
  echo "$checks checks, $failures failed"
  [ "$failures" = 0 ]
}
