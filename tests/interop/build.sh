#!/usr/bin/env bash
# Builds the peers that interoperation is tested with, once:
#
#   tests/interop/build.sh [FOLDER]     (default: build/interop)  ->  FOLDER/cosign, cosign2, registry
#
# Needs a Go as new as go.mod asks for: $GO, on the PATH, or in a usual place. Without one it says so
# and exits 77 (skipped), as it does where the modules cannot be fetched. The versions and their hashes are pinned by go.mod and go.sum; cosign 2 has
# a module of its own, since its dependencies are others.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/../../build/interop}")
wanted=$(sed -n 's/^go //p' "$here/go.mod")

# True when $1 is a Go of at least the wanted version.
recent() {
  local have
  have=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' "$wanted" "${have#go}" | sort -V | head -1)" = "$wanted" ]
}

go=
for candidate in "${GO:-}" "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go; do
  if [ -x "$candidate" ] && recent "$candidate"; then
    go=$candidate
    break
  fi
done
if [ -z "$go" ]; then
  echo "interop: skipped: no Go $wanted or newer is found (GO=/path/to/go names one)" >&2
  exit 77
fi

stamp=$(cat "$here"/{,cosign2/}go.{mod,sum} "$here"/registry/*.go | sha256sum | cut -c1-16)
if [ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi
mkdir -p "$out"
echo "interop: building cosign 3 and 2 and a registry with $("$go" env GOVERSION) (once, some minutes)" >&2
build() { GOTOOLCHAIN=local CGO_ENABLED=0 "$go" build -trimpath -buildvcs=false -ldflags='-s -w' "$@"; }
# fetch FOLDER PACKAGE...: the modules that they are built from, as far as they are not there.
fetch() {
  (cd "$1" && GOTOOLCHAIN=local "$go" list -deps "${@:2}" 2>&1 >"$out/modules" | tail -3 >&2
    exit "${PIPESTATUS[0]}")
}
if ! fetch "$here" ./registry github.com/sigstore/cosign/v3/cmd/cosign ||
  ! fetch "$here/cosign2" github.com/sigstore/cosign/v2/cmd/cosign; then
  echo "interop: skipped: the peers' modules cannot be fetched" >&2
  exit 77
fi
rm -f "$out/modules"
cd "$here"
build -o "$out/registry" ./registry
build -o "$out/cosign" github.com/sigstore/cosign/v3/cmd/cosign
cd cosign2
build -o "$out/cosign2" github.com/sigstore/cosign/v2/cmd/cosign
echo "$stamp" >"$out/stamp"
