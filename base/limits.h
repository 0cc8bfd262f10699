// Every limit on what comes from outside, with the reason for its value.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace touchstone::limits {

using namespace std::chrono_literals;

// Sizes, in bytes.
constexpr std::uint64_t max_manifest_bytes = 4 << 20;        // OCI distribution: clients take 4 MiB
constexpr std::uint64_t max_referrers_page_bytes = 4 << 20;  // an index, so the same
constexpr std::uint64_t max_bundle_bytes = 16 << 20;         // an SBOM attestation may be some MiB
constexpr std::uint64_t max_simple_signing_bytes = 1 << 20;  // 250 bytes and the annotations
constexpr std::uint64_t max_candidate_total_bytes = 64 << 20;  // for one image, all signatures
constexpr std::uint64_t max_token_answer_bytes = 256 << 10;    // login answers are a few KiB
constexpr std::uint64_t max_token_bytes = 64 << 10;          // a bearer token that fits in a header
constexpr std::uint64_t max_credential_bytes = 16 << 10;     // a password; a cloud's token is 4 KiB
constexpr std::uint64_t max_auth_file_bytes = 1 << 20;       // 200 bytes a registry
constexpr std::uint64_t max_helper_answer_bytes = 64 << 10;  // one credential, in JSON
constexpr std::uint64_t max_header_bytes = 64 << 10;         // all headers of one answer
constexpr std::uint64_t max_error_body_bytes = 64 << 10;     // what an error answer may say
constexpr std::uint64_t max_key_file_bytes = 64 << 10;       // RSA-4096 in PEM is 4 KiB
constexpr std::size_t max_key_uri_bytes = 4096;          // three escaped bytes a byte, and a path
constexpr std::uint64_t max_pin_bytes = 256;             // PIV: 8; HSM passphrases: tens
constexpr std::uint64_t max_note_bytes = 64 << 10;       // a checkpoint has 200 bytes
constexpr std::uint64_t max_log_body_bytes = 1 << 20;    // one entry; certificates take 2 KiB
constexpr std::uint64_t max_timestamp_bytes = 64 << 10;  // a token with its chain takes 6 KiB
constexpr std::uint64_t max_service_answer_bytes = 1 << 20;    // a log's, or an authority's
constexpr std::uint64_t max_identity_token_bytes = 16 << 10;   // a JWT of 2 KiB
constexpr std::uint64_t max_blob_in_memory_bytes = 256 << 20;  // pure Ed25519 needs all of a file
constexpr std::uint64_t max_trust_file_bytes = 4 << 20;        // trusted_root.json is 10 KiB
constexpr std::size_t max_reference_bytes = 4096;              // a path, for layouts; names are 255
constexpr std::size_t max_challenge_bytes = 8 << 10;           // one WWW-Authenticate header
constexpr std::size_t max_printed_bytes = 1 << 10;             // outside text in one message
constexpr std::uint64_t max_policy_bytes = 1 << 20;            // a thousand rules of a screen each
constexpr std::uint64_t max_expression_memory = 16 << 20;  // values that one evaluation may make
constexpr std::size_t max_expression_bytes = 16 << 10;     // the text of one
constexpr std::uint64_t max_image_config_bytes = 4 << 20;  // as manifests; most are 10 KiB
constexpr std::uint64_t max_image_list_bytes = 16 << 20;   // manifests of a cluster, rendered
constexpr std::uint64_t max_dockerfile_bytes = 1 << 20;    // long ones have 50 KiB
constexpr std::size_t max_dockerfile_value_bytes = 4096;   // of one variable: a reference

constexpr std::uint64_t max_copied_manifest_bytes = 64 << 20;  // all those of one image, held

// Counts.
constexpr std::size_t max_json_depth = 64;            // bundles nest 8 deep
constexpr std::size_t max_json_values = 250'000;      // an SBOM of 4 MiB has some 100,000
constexpr std::size_t max_index_entries = 1024;       // platforms of one index
constexpr std::size_t max_layers = 4096;              // layers of one manifest
constexpr std::size_t max_index_depth = 2;            // an index within an index, no more
constexpr std::size_t max_attachment_depth = 4;       // the signature of an SBOM's signature is 3
constexpr std::size_t max_copied_manifests = 16'384;  // of one image, all that is attached included
constexpr std::size_t max_referrers_pages = 16;
constexpr std::size_t max_referrers = 16'384;       // entries read over all pages
constexpr std::size_t max_candidates = 1024;        // of a fitting type
constexpr std::size_t max_signature_layers = 1000;  // under cosign's tag; cosign reads no more
constexpr std::size_t max_redirects = 5;
constexpr std::size_t max_headers = 256;             // of one answer; registries send some 20
constexpr std::size_t max_requests_in_flight = 32;   // to all hosts; more wait their turn
constexpr std::size_t max_subjects = 1024;           // of one statement; as sigstore-go
constexpr std::size_t max_digests_per_subject = 32;  // as sigstore-go
constexpr std::size_t max_log_entries = 32;          // of one bundle; as sigstore-go
constexpr std::size_t max_timestamps = 32;           // of one bundle; as sigstore-go
constexpr std::size_t max_proof_hashes = 64;         // of one inclusion proof: sizes have 63 bits
constexpr std::size_t max_note_signatures = 64;      // of one checkpoint; logs have some witnesses
constexpr std::size_t max_root_instances = 64;       // logs, or authorities, of one trusted root
constexpr std::size_t max_certificate_timestamps = 16;  // of one certificate; Fulcio's have one
constexpr std::size_t max_images = 10'000;              // on one command line
constexpr std::size_t max_roots = 1024;                 // in one trust store
constexpr std::size_t max_root_keys = 1024;             // in one root
constexpr std::size_t max_owner_bytes = 256;            // of a key: an address or a name
constexpr std::size_t max_auth_entries = 4096;          // registries in one file of credentials
constexpr std::size_t max_slots = 256;                  // of one PKCS#11 module; HSMs have tens
constexpr std::size_t max_modules = 64;                 // PKCS#11 modules of one machine
constexpr std::uint64_t max_module_config_bytes = 16 << 10;  // p11-kit's files have five lines
constexpr std::uint64_t max_probe_answer_bytes = 1 << 20;    // 256 tokens, a line each
constexpr std::size_t max_token_objects = 4096;              // of one class on one token
constexpr std::size_t max_token_attribute_bytes = 64 << 10;  // a certificate is a few KiB
constexpr std::uint64_t max_scrypt_cost = 1 << 20;           // 1 GiB of memory; cosign takes 2^16
constexpr std::size_t max_card_answer_bytes = 4096;          // PIV objects are at most 3 KiB
constexpr std::size_t max_card_object_bytes = 3063;          // what a YubiKey keeps in one object
constexpr std::size_t max_reader_names_bytes = 4096;         // 16 readers of 128 bytes at pcscd
constexpr std::size_t min_rsa_bits = 2048;                   // NIST SP 800-131A
constexpr std::size_t max_rsa_bits = 8192;                   // longer ones make slow checks

// Policies.
constexpr std::size_t max_policy_depth = 32;          // rules nest 12 deep
constexpr std::size_t max_policy_rules = 1024;        // a team has tens
constexpr std::size_t max_policy_patterns = 4096;     // each is compared with those like it
constexpr std::size_t max_policy_values = 100'000;    // a file of 1 MiB, densely written
constexpr std::size_t max_yaml_line_marks = 100'000;  // []{},&*! on one line; each costs 400 bytes
constexpr std::size_t max_yaml_tag_escapes = 64;      // "%21" in one tag; reading many is slow
constexpr std::size_t max_image_list_depth = 64;      // manifests nest 20 deep
constexpr std::size_t max_image_list_values = 1'000'000;    // 16 MiB of manifests have 800,000
constexpr std::size_t max_requirement_depth = 8;            // of all_of, any_of, threshold
constexpr std::size_t max_expression_steps = 1'000'000;     // some 50 ms
constexpr std::size_t max_expression_depth = 64;            // nesting of what is written
constexpr std::size_t max_comprehension_depth = 3;          // a loop in a loop in a loop
constexpr std::size_t max_base_depth = 3;                   // an image's base's base's base
constexpr std::size_t max_searched_bytes = 1 << 20;         // for secrets, in one configuration
constexpr std::uint64_t max_config_total_bytes = 16 << 20;  // configurations of one image
constexpr std::size_t max_config_entries = 4096;            // labels of one, and variables
constexpr std::size_t max_judged_bases = 64;                // below one image, at all depths
constexpr std::size_t max_judged_platforms = 64;            // of one index
constexpr auto clock_skew = 5min;                           // between a signer's clock and ours

// Certificates.
constexpr std::uint64_t max_certificate_bytes = 64 << 10;      // Fulcio's take 1 KiB
constexpr std::uint64_t max_certificate_file_bytes = 1 << 20;  // a chain, or a list of authorities
constexpr std::size_t max_certificates_in_file = 256;
constexpr std::size_t max_certificate_extensions = 64;     // of one; Fulcio's have some 25
constexpr std::size_t max_certificate_depth = 16;          // of its DER; names nest 5 deep
constexpr std::size_t max_object_identifier_text = 128;    // dotted; known ones have 30
constexpr std::size_t max_chain_certificates = 16;         // of one signature
constexpr std::size_t max_path_depth = 8;                  // authorities between leaf and anchor
constexpr std::uint64_t max_attestation_bytes = 64 << 10;  // of a key; a YubiKey's has 3 KiB
constexpr std::size_t max_attestation_certificates = 8;    // of a key; Yubico's longest has 5
constexpr std::size_t max_key_attestations = 64;           // beside one image
constexpr std::size_t max_demanded_serials = 1024;         // of devices, in one demand

// Times.
constexpr auto connection_patience = 15ms;  // for a first answer, before connections are added
constexpr auto connect_timeout = 5s;        // name, TCP and TLS
constexpr auto request_timeout = 30s;       // one request, redirects included
constexpr auto verification_timeout = 60s;  // one image
constexpr auto stream_timeout = 24h;        // one layer, however large, over a slow line
constexpr auto store_timeout = 300s;        // a registry that puts a layer of GiBs into its place
constexpr auto low_speed_time = 10s;        // below low_speed_bytes a second
constexpr long low_speed_bytes = 1024;
constexpr auto max_retry_wait = 5s;         // of a Retry-After that is obeyed
constexpr auto helper_timeout = 10s;        // a credential helper; docker's waits for ever
constexpr auto card_answer_timeout = 30s;   // to one command: a YubiKey waits 15 s for a touch
constexpr auto card_making_timeout = 3min;  // of a key: RSA-4096 takes a card a minute
constexpr auto card_turn_timeout = 10s;  // another program's transaction takes a second, or a touch
constexpr auto card_probe_timeout = 2 * card_turn_timeout + 2s;  // all cards, held by others or not
constexpr auto probe_timeout = 10s;  // one PKCS#11 module, or pcscd, asked by doctor; HSMs take 2 s
constexpr auto module_start_timeout = 30s;   // loading a module and finding a key; HSMs take 5 s
constexpr auto module_answer_timeout = 60s;  // one operation of a module, with a touch or PIN pad
constexpr auto service_timeout = 30s;        // Rekor v2 answers after its next checkpoint
constexpr auto lock_timeout = 10s;           // waiting for another of our processes
constexpr auto touch_timeout = 10s;  // YubiKeys give up after 15 s; a refusal this late is that
constexpr auto touch_notice_delay = 400ms;  // a signature that takes longer waits for a finger

}  // namespace touchstone::limits
