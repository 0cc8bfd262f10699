# A private sigstore instance on loopback, of the released servers, for the scripts of this folder.
# Source it after tests/support/world.sh; what it starts ends with the script.
# shellcheck shell=bash

# free_port: a port on which nobody listens. reply: its number.
free_port() {
  while reply=$((20000 + RANDOM % 30000)); do
    [[ " ${taken_ports:-} " != *" $reply "* ]] || continue
    (: <"/dev/tcp/127.0.0.1/$reply") 2>/dev/null || break
  done
  taken_ports+=" $reply"
}

# answers URL LOG: waits until it answers.
answers() {
  local tries
  for ((tries = 0; tries < 400; ++tries)); do
    curl -sf --noproxy '*' -o /dev/null "$1" && return
    sleep 0.05
  done
  echo "nothing answers at $1; it said:" >&2
  cat "$2" >&2
  return 1
}

# certify NAME SUBJECT EXTENSIONS [ISSUER]: a key of P-256 and its certificate, NAME.key and NAME.crt.
# EXTENSIONS are lines of OpenSSL's configuration, with blanks between them.
certify() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.sec1" 2>/dev/null
  openssl pkcs8 -topk8 -nocrypt -in "$1.sec1" -out "$1.key"
  openssl req -new -key "$1.key" -subj "/O=private/CN=$2" -out "$1.csr" 2>/dev/null
  local by=(-signkey "$1.key")
  [ -z "${4:-}" ] || by=(-CA "$4.crt" -CAkey "$4.key" -CAcreateserial)
  # shellcheck disable=SC2086
  openssl x509 -req -in "$1.csr" "${by[@]}" -days 3650 -sha256 -out "$1.crt" \
    -extfile <(printf '%s\n' subjectKeyIdentifier=hash ${4:+authorityKeyIdentifier=keyid} $3) 2>/dev/null
}

# start_instance PEERS FOLDER: all services, with new keys. Sets issuer_url, workflow_issuer_url and
# other_issuer_url (both vouch for workflows, as GitHub's does), fulcio_url, rekor1_url, rekor2_url, timestamp_url, late_timestamp_url (whose clock is an hour ahead); writes FOLDER/root.json,
# FOLDER/{v1,v2}.json for signers, and FOLDER/no-log.json for what must be refused.
start_instance() {
  local peers=$1 at=$2 ca port
  mkdir -p "$at/tiles"
  ca='keyUsage=critical,keyCertSign,cRLSign'
  certify "$at/root" root "basicConstraints=critical,CA:true $ca"
  certify "$at/signer" intermediate "basicConstraints=critical,CA:true,pathlen:0 $ca extendedKeyUsage=codeSigning" "$at/root"
  certify "$at/stamps" stamps "basicConstraints=critical,CA:true,pathlen:0 $ca extendedKeyUsage=timeStamping" "$at/root"
  certify "$at/stamp" stamp "basicConstraints=critical,CA:false keyUsage=critical,digitalSignature extendedKeyUsage=critical,timeStamping" "$at/stamps"
  cat "$at/signer.crt" "$at/root.crt" >"$at/signer-chain.pem"
  cat "$at/stamp.crt" "$at/stamps.crt" "$at/root.crt" >"$at/stamp-chain.pem"
  certify "$at/rekor1" rekor1 basicConstraints=critical,CA:false
  certify "$at/ct" ct basicConstraints=critical,CA:false
  openssl genpkey -algorithm ED25519 -out "$at/rekor2.key" 2>/dev/null
  local name
  for name in rekor1 rekor2 ct; do openssl pkey -in "$at/$name.key" -pubout -out "$at/$name.pub"; done
  # Of all forms, the log of certificates takes the old encrypted one alone.
  openssl ec -in "$at/ct.sec1" -aes128 -passout pass:pw -out "$at/ct.enc.key" 2>/dev/null
  openssl pkcs8 -topk8 -passout pass:pw -in "$at/signer.sec1" -out "$at/signer.enc.key"

  local ports=() i
  for ((i = 0; i < 14; ++i)); do free_port; ports+=("$reply"); done
  issuer_url=http://localhost:${ports[0]}
  workflow_issuer_url=http://localhost:${ports[12]}
  other_issuer_url=http://localhost:${ports[13]}
  timestamp_url=http://127.0.0.1:${ports[1]}/api/v1/timestamp
  late_timestamp_url=http://127.0.0.1:${ports[11]}/api/v1/timestamp
  rekor2_url=http://127.0.0.1:${ports[2]}
  rekor1_url=http://127.0.0.1:${ports[6]}
  fulcio_url=http://127.0.0.1:${ports[7]}
  local ct_url=http://127.0.0.1:${ports[5]}/ct trees

  run() { "${@:2}" >"$at/$1.log" 2>&1 </dev/null & world_children+=($!); }
  run issuer "$peers/issuer" -address "127.0.0.1:${ports[0]}" -issuer "$issuer_url"
  run workflows "$peers/issuer" -address "127.0.0.1:${ports[12]}" -issuer "$workflow_issuer_url"
  run other "$peers/issuer" -address "127.0.0.1:${ports[13]}" -issuer "$other_issuer_url"
  run timestamp "$peers/timestamp" -port "${ports[1]}" -key "$at/stamp.key" -chain "$at/stamp-chain.pem"
  run late "$peers/timestamp" -port "${ports[11]}" -key "$at/stamp.key" -chain "$at/stamp-chain.pem" -ahead 1h
  run rekor2 "$peers/rekor-tiles" serve --http-address 127.0.0.1 --http-port "${ports[2]}" \
    --grpc-address 127.0.0.1 --grpc-port "${ports[3]}" --http-metrics-port "${ports[4]}" \
    --hostname rekor2.private.example --storage-dir "$at/tiles" --signer-filepath "$at/rekor2.key" \
    --batch-max-age 50ms --checkpoint-interval 200ms
  : >"$at/trillian.log"
  run trillian "$peers/trillian" -address "127.0.0.1:${ports[8]}" -trees 2
  for ((i = 0; i < 200; ++i)); do
    mapfile -t trees <"$at/trillian.log"
    [ ${#trees[@]} -lt 2 ] || break
    sleep 0.05
  done
  cat >"$at/ct.cfg" <<CONFIGURATION
config {
  log_id: ${trees[0]}
  prefix: "ct"
  roots_pem_file: "$at/root.crt"
  private_key { [type.googleapis.com/keyspb.PEMKeyFile] { path: "$at/ct.enc.key" password: "pw" } }
  ext_key_usages: "CodeSigning"
}
CONFIGURATION
  run ct "$peers/ct_server" --http_endpoint "127.0.0.1:${ports[5]}" \
    --log_rpc_server "127.0.0.1:${ports[8]}" --log_config "$at/ct.cfg" --alsologtostderr
  run rekor1 "$peers/rekor-server" serve --rekor_server.address 127.0.0.1 --port "${ports[6]}" \
    --rekor_server.hostname rekor1.private.example --rekor_server.signer "$at/rekor1.key" \
    --trillian_log_server.address 127.0.0.1 --trillian_log_server.port "${ports[8]}" \
    --trillian_log_server.tlog_id "${trees[1]}" --enable_retrieve_api=false --enabled_api_endpoints \
    getLogInfo,getPublicKey,getLogProof,createLogEntry,getLogEntryByIndex,getLogEntryByUUID,searchLogQuery
  cat >"$at/fulcio.yaml" <<CONFIGURATION
oidc-issuers:
  $issuer_url:
    issuer-url: $issuer_url
    client-id: sigstore
    type: email
  $workflow_issuer_url:
    issuer-url: $workflow_issuer_url
    client-id: sigstore
    type: github-workflow
  $other_issuer_url:
    issuer-url: $other_issuer_url
    client-id: sigstore
    type: github-workflow
CONFIGURATION
  answers "$issuer_url/.well-known/openid-configuration" "$at/issuer.log"
  answers "$workflow_issuer_url/.well-known/openid-configuration" "$at/workflows.log"
  answers "$other_issuer_url/.well-known/openid-configuration" "$at/other.log"
  run fulcio "$peers/fulcio" serve --host 127.0.0.1 --port "${ports[7]}" --grpc-host 127.0.0.1 \
    --grpc-port "${ports[9]}" --metrics-port "${ports[10]}" \
    --legacy-unix-domain-socket "@touchstone-${ports[7]}" --ca fileca \
    --fileca-cert "$at/signer-chain.pem" --fileca-key "$at/signer.enc.key" --fileca-key-passwd pw \
    --fileca-watch=false --config-path "$at/fulcio.yaml" --ct-log-url "$ct_url"
  answers "http://127.0.0.1:${ports[1]}/ping" "$at/timestamp.log"
  answers "http://127.0.0.1:${ports[11]}/ping" "$at/late.log"
  answers "$rekor2_url/healthz" "$at/rekor2.log"
  answers "$ct_url/ct/v1/get-sth" "$at/ct.log"
  answers "$rekor1_url/api/v1/log" "$at/rekor1.log"
  answers "$fulcio_url/healthz" "$at/fulcio.log"

  local start=start-time=2024-01-01T00:00:00Z operator=operator=private.example
  write_root() {  # FILE OPTION...
    "$peers/cosign" trusted-root create --out "$1" \
      --fulcio="url=$fulcio_url,certificate-chain=$at/signer-chain.pem" "${@:2}"
  }
  local ctlog=(--ctfe="url=$ct_url,public-key=$at/ct.pub,$start")
  local stamps=(--tsa="url=$timestamp_url,certificate-chain=$at/stamp-chain.pem")
  # The address of a log of version 2 stands in the root by its name.
  local logs=(--rekor="url=$rekor1_url,public-key=$at/rekor1.pub,$start"
    --rekor="url=https://rekor2.private.example,public-key=$at/rekor2.pub,$start,origin=rekor2.private.example")
  write_root "$at/root.json" "${ctlog[@]}" "${stamps[@]}" "${logs[@]}"
  write_root "$at/root-of-rekor1.json" "${ctlog[@]}" "${stamps[@]}" "${logs[0]}"
  write_root "$at/root-without-stamps.json" "${ctlog[@]}" "${logs[@]}"

  write_config() {  # FILE OPTION...
    "$peers/cosign" signing-config create --out "$1" \
      --fulcio="url=$fulcio_url,api-version=1,$start,$operator" \
      --oidc-provider="url=$issuer_url,api-version=1,$start,$operator" "${@:2}"
  }
  stamps=(--tsa="url=$timestamp_url,api-version=1,$start,$operator" --tsa-config=ANY)
  write_config "$at/v1.json" --rekor="url=$rekor1_url,api-version=1,$start,$operator" --rekor-config=ANY
  write_config "$at/v2.json" "${stamps[@]}" \
    --rekor="url=$rekor2_url,api-version=2,$start,$operator" --rekor-config=ANY
  write_config "$at/no-log.json" "${stamps[@]}"
}

# token [QUERY [ISSUER]]: an identity token, "email=a@private.example" unless told otherwise.
token() { curl -sSf --noproxy '*' "${2:-$issuer_url}/token?${1:-email=a@private.example}"; }

# workflow_token WORKFLOW [ISSUER]: that of a job of the workflow "owner/repository/path@ref".
workflow_token() {
  local ref=${1#*@} repository commit=0123456789012345678901234567890123456789
  repository=$(cut -d/ -f1,2 <<<"$1")
  token "sub=repo:$repository:ref:$ref&job_workflow_ref=$1&workflow_ref=$1&ref=$ref&repository=$repository\
&repository_owner=${repository%/*}&repository_id=1&repository_owner_id=1&repository_visibility=public&sha=$commit\
&job_workflow_sha=$commit&workflow_sha=$commit&event_name=push&workflow=release&runner_environment=github-hosted\
&run_id=1&run_attempt=1" "${2:-$workflow_issuer_url}"
}
