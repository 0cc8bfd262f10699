#!/usr/bin/env bash
# Builds the peers that interoperation is tested with, once:
#
#   tests/interop/build.sh [FOLDER]     (default: build/interop)  ->  FOLDER/cosign, cosign2, registry,
#   slsa-verifier, and a sigstore instance's fulcio, rekor-server, rekor-tiles, ct_server, trillian, timestamp, issuer
#
# Needs a Go as new as go.mod asks for: $GO, on the PATH, or in a usual place. Without one it says so and
# exits 77 (skipped), as it does where modules cannot be fetched; what could be built is there all the
# same. The versions and their hashes are pinned by go.mod and go.sum; cosign 2, slsa-verifier and the
# servers have modules of their own, since their dependencies are others.
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

build() { GOTOOLCHAIN=local CGO_ENABLED=0 "$go" build -trimpath -buildvcs=false -ldflags='-s -w' "$@"; }
# fetch FOLDER PACKAGE...: the modules that they are built from, as far as they are not there.
fetch() {
  (cd "$1" && GOTOOLCHAIN=local "$go" list -deps "${@:2}" 2>&1 >"$out/modules" | tail -3 >&2
    exit "${PIPESTATUS[0]}")
}
build_cosign() {
  fetch "$here" ./registry github.com/sigstore/cosign/v3/cmd/cosign || return 77
  fetch "$here/cosign2" github.com/sigstore/cosign/v2/cmd/cosign || return 77
  cd "$here"
  build -o "$out/registry" ./registry
  build -o "$out/cosign" github.com/sigstore/cosign/v3/cmd/cosign
  cd cosign2
  build -o "$out/cosign2" github.com/sigstore/cosign/v2/cmd/cosign
}
build_slsa_verifier() {
  fetch "$here/slsa-verifier" tool || return 77
  cd "$here/slsa-verifier"
  build -o "$out/" tool
}
build_servers() {
  fetch "$here/sigstore" tool ./... || return 77
  cd "$here/sigstore"
  build -o "$out/" tool ./...
  mv "$out/posix" "$out/rekor-tiles"
}

mkdir -p "$out"
status=0
# once FUNCTION WHAT FILE...: unless it was built from these files before. What cannot be fetched is skipped.
once() {
  local stamp result
  stamp=$(cat "${@:3}" | sha256sum | cut -c1-16)
  [ "$(cat "$out/$1.stamp" 2>/dev/null)" != "$stamp" ] || return 0
  echo "interop: building $2 with $("$go" env GOVERSION) (once, some minutes)" >&2
  set +e
  (set -e; "$1")
  result=$?
  set -e
  case $result in
    0) echo "$stamp" >"$out/$1.stamp" ;;
    77) echo "interop: skipped: the modules of $2 cannot be fetched" >&2; status=77 ;;
    *) exit "$result" ;;
  esac
}
once build_cosign "cosign 3 and 2 and a registry" "$here"/{,cosign2/}go.{mod,sum} "$here"/registry/*.go
once build_slsa_verifier "slsa-verifier" "$here"/slsa-verifier/go.{mod,sum}
once build_servers "sigstore's servers" "$here"/sigstore/go.{mod,sum} "$here"/sigstore/*/*.go
rm -f "$out/modules"
exit "$status"
