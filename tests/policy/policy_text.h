// A policy with all that the language has, and the files that it names.
#pragma once

#include <map>
#include <string>

#include "crypto/key_attestation.h"
#include "policy/read.h"
#include "tests/support/authority.h"
#include "tests/support/pretend_maker.h"
#include "trust/built_in.h"

namespace touchstone::policy::test {

using namespace std::chrono_literals;

inline const std::chrono::sys_seconds now{1'800'000'000s};

// Times and keys differ from one run to the next, so that there is one of these a program.
struct World {
  touchstone::test::PretendMaker maker;
  std::map<std::string, Bytes> files;

  World() {
    using touchstone::test::CertificateText;
    const auto alice = touchstone::test::issue(CertificateText::leaf(), nullptr);
    files["alice.pub"] = to_bytes(alice.certificate().key().pem());
    files["alice.crt"] = to_bytes(alice.pem());  // the same key, in a certificate
    files["bob.pub"] = key();
    files["scan.pub"] = key();
    files["ca.pem"] =
        to_bytes(touchstone::test::issue(CertificateText::authority("Acme"), nullptr).pem());
    files["leaf.pem"] = to_bytes(alice.pem());
    files["trusted_root.json"] = to_bytes(trust::sigstore_trusted_root);
    files["maker.pem"] = to_bytes(maker.root.pem());
    const auto attested = maker.attest();
    files["carol.pub"] = to_bytes(attested.certificate().key().pem());
    files["carol-attest.pem"] = to_bytes(crypto::attestation_pem(maker.chain(attested)));
    files["rubbish"] = to_bytes("rubbish");
  }

  static Bytes key() {
    return to_bytes(crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key().pem());
  }

  Materials materials() const {
    return {[this](const std::string& path) -> Result<Bytes> {
              const auto found = files.find(path);
              if (found == files.end()) return Error{Code::usage_file, path + ": no such file", ""};
              return found->second;
            },
            [](const std::string& name) -> Result<trust::Root> {
              if (name != "sigstore")
                return Error{Code::policy_unknown_root, "no root " + name, ""};
              trust::Root root{name, {}};
              root.instances.push_back(
                  *trust::TrustedInstanceRoot::parse(as_bytes(trust::sigstore_trusted_root)));
              return root;
            }};
  }

  Result<Document> read(const std::string& text) const {
    return policy::read(as_bytes(text), "policy.yaml", materials(), now);
  }
};

inline const World& world() {
  static const World made;
  return made;
}

inline const std::string whole_policy = R"(version: 1
name: acme
serial: 42
expires: 2027-06-01T00:00:00Z
defaults: {mode: enforce, on_error: deny, tags: pin, subject: index}

roots:
  release:
    keys:
      - {id: alice, file: alice.pub, not_before: 2025-01-01T00:00:00Z}
      - {id: bob, file: bob.pub}
      - {id: carol, file: carol.pub, attestation: carol-attest.pem}
  scanner: {keys: [{id: scan, file: scan.pub}]}
  acme-ca: {certificates: [{file: ca.pem}]}
  ci: {sigstore: {trusted_root: trusted_root.json}}
  sigstore: {store: sigstore}
  maker: {hardware: {ca: maker.pem}}

builders:
  github:
    signer: {root: ci, issuer: "https://token.actions.githubusercontent.com", subject: {glob: "https://github.com/acme/*/.github/workflows/release.yml@refs/tags/v*"}}
    id: "https://github.com/actions/runner/github-hosted"
    level: 2

rules:
  - name: release images
    match: {images: ["registry.example.com/prod/**"]}
    require:
      all_of:
        - signatures: {root: release, count: 2, distinct: device, formats: [sigstore], hardware: {root: maker, touch: true, min_firmware: "5.7.0", serials: [12345678]}}
        - threshold:
            count: 1
            of: [{signatures: {root: release, keys: [alice]}}, {signatures: {root: acme-ca, subject: release@acme.example}}]
            distinct: identity
        - provenance:
            builder: github
            min_level: 2
            source: {uri: {glob: "github.com/acme/**"}, ref: {glob: "refs/tags/v*"}, versioned_tag: v1.2}
            build_type: "https://actions.github.io/buildtypes/workflow/v1"
            external_parameters: {expect: {target: release, jobs: 4}, ignore: [inputs], allow_extra: false}
            max_age: 30d
        - sbom: {signer: {root: scanner}, formats: [spdx], packages: {deny: ["pkg:npm/left-pad@*"], require: [openssl]}, licenses: {deny: [{glob: "AGPL*"}]}}
        - vulnerabilities:
            signer: {root: scanner}
            max_age: 24h
            database_max_age: 48h
            deny: {severity: high, fixable_only: true}
            ignore: [{id: CVE-2026-1234, until: 2027-03-01, reason: "not reachable, see SEC-77"}]
            vex: {signer: {root: scanner}, accept: [not_affected]}
        - predicate: {type: openvex, signer: {root: scanner}, expression: 'predicate.result == "PASSED"', max_age: 1d}
        - vsa: {signer: {root: scanner}, verifier: "https://acme.example/gate", levels: [SLSA_BUILD_LEVEL_3]}
        - base_image: {images: ["debian:12*"], verified: true}
        - image: {not_root: true, no_secrets: true, labels: {org.opencontainers.image.source: {glob: "https://github.com/acme/*"}, maintainer: null}, platforms: [linux/amd64]}
    subject: either
    platforms: [linux/amd64, linux/arm64]
    freshness: {max_signature_age: 180d, require_timestamp: true}
    exceptions: {signer: {root: release}, count: 2, max_duration: 24h}
    tags: require-digest

  - name: staging
    match: {images: ["registry.example.com/staging/**", "registry.example.com/stage/**"]}
    require: {any_of: [{signatures: {root: scanner}}, {signatures: {root: release}}]}
    mode: audit
    on_error: allow
    inherit: base

  - name: base
    match: {images: ["docker.io/library/debian"]}
    require: {signatures: {root: scanner}}

  - name: everything else
    match: {images: ["**"]}
    require: deny
)";

}  // namespace touchstone::policy::test
