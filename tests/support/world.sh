# For scripts (quickstart, bench/run, tests): registries on loopback, a software token, tiny images.
# Source it; what it starts ends with the calling script. Functions that give something set `reply`.
# shellcheck shell=bash

world=$(mktemp -d)
world_children=()
world_end() {
  local child
  for child in "${world_children[@]}"; do
    kill "$child" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  rm -rf "$world"
}
trap world_end EXIT
# A card that is plugged into the machine is not a test's: its service is looked for where it is not.
# tests/support/smartcards.sh has a world with a service of its own.
[ -n "${TOUCHSTONE_SMARTCARD_WORLD:-}" ] || export PCSCLITE_CSOCK_NAME=$world/no-card-service
trap 'exit 130' INT TERM

# wait_for FILE PATTERN: the first match of the sed pattern's group, once a started program wrote it.
wait_for() {
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    reply=$(sed -nE "s/.*$2.*/\1/p" "$1" 2>/dev/null | head -1) || true  # not there yet
    [ -z "$reply" ] || return 0
    sleep 0.1
  done
  echo "a program did not start; it said:" >&2
  cat "$1" >&2
  return 1
}

# Debian's docker-registry, with a configuration of our own: loopback, a free port, storage in the
# temporary folder, shared by all that one script starts. With a certificate and its key, it speaks
# TLS; with a htpasswd file after them, it demands a login; with an authority after that, "" for no
# htpasswd file, it demands a certificate of the client's. reply: host:port.
start_docker_registry() {
  local name=docker-registry-${#world_children[@]}
  cat >"$world/$name.yml" <<CONFIGURATION
version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $world/registry}, delete: {enabled: true}}
http:
  addr: 127.0.0.1:0
  ${1:+tls: {certificate: $1, key: $2${4:+, clientcas: [$4]}\}}
${3:+auth: {htpasswd: {realm: pretend, path: $3\}\}}
CONFIGURATION
  docker-registry serve "$world/$name.yml" >"$world/$name.log" 2>&1 </dev/null &
  world_children+=($!)
  wait_for "$world/$name.log" 'listening on (127\.0\.0\.1:[0-9]+)'
}

# The registry of tests/interop, with the referrers API: PROGRAM [CERTIFICATE KEY]. reply: host:port;
# with a certificate, reply_tls is another port over the same storage, with TLS.
start_referrers_registry() {
  local log=$world/referrers-registry-${#world_children[@]}.log
  "$1" ${2:+-certificate "$2" -key "$3"} >"$log" 2>&1 < <(exec tail -f /dev/null --pid=$$) &
  world_children+=($!)
  wait_for "$log" '^([0-9]+)$'
  reply=127.0.0.1:$reply
  reply_tls=127.0.0.1:$(sed -n 2p "$log")
}

# A SoftHSM token of this name, PIN 1234, in the temporary folder. reply: the module's path.
make_token() {
  export SOFTHSM2_CONF=$world/softhsm2.conf
  mkdir -p "$world/tokens"
  echo "directories.tokendir = $world/tokens" >"$SOFTHSM2_CONF"
  softhsm2-util --init-token --free --label "$1" --pin 1234 --so-pin 12345678 >/dev/null
  reply=$(readlink -f /usr/lib/*/softhsm/libsofthsm2.so | head -1)
}

# make_key MODULE TOKEN LABEL [EC:prime256v1 | EC:secp384r1 | rsa:2048]: a key made in the token.
make_key() {
  pkcs11-tool --module "$1" --token-label "$2" --login --pin 1234 --keypairgen \
    --key-type "${4:-EC:prime256v1}" --label "$3" >/dev/null 2>&1
}

# push_blob REPOSITORY FILE: REPOSITORY is host:port/name. reply: its descriptor's digest and size.
push_blob() {
  local url=${scheme:-http}://${1%%/*}/v2/${1#*/} digest size upload
  digest=sha256:$(sha256sum "$2" | cut -d' ' -f1)
  size=$(stat -c %s "$2")
  upload=$(curl -sSf "${curl_options[@]}" -X POST -D - -o /dev/null -H 'Content-Length: 0' "$url/blobs/uploads/" |
    sed -nE 's/^[Ll]ocation: ([^\r]*)\r?$/\1/p')
  [[ $upload = http* ]] || upload=${scheme:-http}://${1%%/*}$upload
  [[ $upload = *\?* ]] && upload+="&" || upload+="?"
  curl -sSf "${curl_options[@]}" -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$2" \
    "${upload}digest=$digest"
  reply="\"digest\":\"$digest\",\"size\":$size"
}
curl_options=()

# push_image REPOSITORY TAG TEXT: an image of one layer, a tar file that holds TEXT. reply: its digest.
push_image() {
  local folder=$world/image config layer url=${scheme:-http}://${1%%/*}/v2/${1#*/}
  mkdir -p "$folder"
  echo "$3" >"$folder/message.txt"
  tar -C "$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
    -cf "$folder/layer.tar" message.txt
  printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(sha256sum "$folder/layer.tar" | cut -d' ' -f1)" >"$folder/config.json"
  push_blob "$1" "$folder/config.json" && config=$reply
  push_blob "$1" "$folder/layer.tar" && layer=$reply
  local oci=application/vnd.oci.image
  printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json",%s},' \
    "$oci" "$oci" "$config" >"$folder/manifest.json"
  printf '"layers":[{"mediaType":"%s.layer.v1.tar",%s}]}' "$oci" "$layer" >>"$folder/manifest.json"
  push_manifest "$1" "$2" "$folder/manifest.json"
}

# push_manifest REPOSITORY TAG FILE. reply: its digest.
push_manifest() {
  curl -sSf "${curl_options[@]}" -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
    --data-binary "@$3" "${scheme:-http}://${1%%/*}/v2/${1#*/}/manifests/$2"
  reply=sha256:$(sha256sum "$3" | cut -d' ' -f1)
}
