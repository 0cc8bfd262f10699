# For scripts: certificates made with openssl, in the present folder. Source it.
# shellcheck shell=bash

# certificate NAME ISSUER SECTION [BEGIN END]: NAME.key and NAME.pem, signed by ISSUER (itself when the
# names are the same), with the extensions of a section below.
cat >extensions <<'EXTENSIONS'
[ root ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ issuing ]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ signer ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
subjectAltName = email:release@shop.example
authorityKeyIdentifier = keyid
[ two_names ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
subjectAltName = email:release@shop.example, email:ci@shop.example
authorityKeyIdentifier = keyid
[ server ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:shop.example
authorityKeyIdentifier = keyid
[ ca ]
default_ca = this
[ this ]
database = index
rand_serial = yes
default_md = sha256
policy = names
email_in_dn = no
unique_subject = no
[ names ]
commonName = supplied
EXTENSIONS
: >index
certificate() {
  local begin=${4:-20200101000000Z} end=${5:-20991231235959Z} by=()
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
  chmod 600 "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=Shop $1" -out "$1.request" 2>/dev/null
  by=(-cert "$2.pem" -keyfile "$2.key")
  [ "$1" != "$2" ] || by=(-selfsign -keyfile "$1.key")
  openssl ca -batch -config extensions "${by[@]}" -extfile extensions -extensions "$3" -notext \
    -startdate "$begin" -enddate "$end" -in "$1.request" -outdir . -out "$1.pem" 2>ca.log ||
    { cat ca.log; exit 1; }
}
