#include "policy/grammar.h"

#include <algorithm>
#include <array>

namespace touchstone::policy {
namespace {

constexpr bool required = true;
constexpr bool optional = false;

constexpr std::string_view modes = "enforce|audit";
constexpr std::string_view on_errors = "deny|allow";
constexpr std::string_view tag_rules = "pin|require-digest";
constexpr std::string_view subjects = "index|platform|either|both";
constexpr std::string_view distinctions = "key|identity|device";

constexpr std::array policy_keys = {
    Key{"version", Kind::integer, required, "of this language: 1"},
    Key{"name", Kind::text, optional, "for people, and for keeping serial numbers apart"},
    Key{"serial", Kind::integer, optional, "never lower than that of a policy accepted before"},
    Key{"expires", Kind::time, optional, "from then on the policy decides nothing"},
    Key{"defaults", Kind::object, optional, "for rules that do not say otherwise", "defaults"},
    Key{"roots", Kind::object_map, optional, "who may sign, by name", "root"},
    Key{"builders", Kind::object_map, optional, "who speaks for a builder, by name", "builder"},
    Key{"rules", Kind::objects, required, "one for each image, the last for all others", "rule"},
};

constexpr std::array defaults_keys = {
    Key{"mode", Kind::choice, optional, "audit decides and tells, and lets pass", modes},
    Key{"on_error", Kind::choice, optional, "when nobody could look", on_errors},
    Key{"tags", Kind::choice, optional, "whether an image may be named by a tag", tag_rules},
    Key{"subject", Kind::choice, optional, "which manifest the evidence is about", subjects},
};

constexpr std::array root_keys = {
    Key{"keys", Kind::objects, optional, "public keys, or certificates for their keys", "key"},
    Key{"certificates", Kind::objects, optional, "authorities under whose certificates one signs",
        "authority"},
    Key{"sigstore", Kind::object, optional, "a sigstore instance", "instance"},
    Key{"hardware", Kind::object, optional, "authorities above attestations of devices", "maker"},
    Key{"store", Kind::text, optional,
        "a root of the trust store; sigstore and yubico are built in"},
};

constexpr std::array key_keys = {
    Key{"id", Kind::text, required, "by which signers name it"},
    Key{"file", Kind::text, required, "PEM, relative to the policy"},
    Key{"attestation", Kind::text, optional, "PEM: what its device attests"},
    Key{"not_before", Kind::time, optional, "counts from then on"},
    Key{"not_after", Kind::time, optional, "counts until then"},
};

constexpr std::array authority_keys = {
    Key{"file", Kind::text, required, "PEM, relative to the policy"},
    Key{"not_before", Kind::time, optional, "counts from then on"},
    Key{"not_after", Kind::time, optional, "counts until then"},
};

constexpr std::array instance_keys = {
    Key{"trusted_root", Kind::text, required, "trusted_root.json, relative to the policy"},
};

constexpr std::array maker_keys = {
    Key{"ca", Kind::texts, required, "PEM, relative to the policy"},
};

constexpr std::array builder_keys = {
    Key{"signer", Kind::object, required, "whose provenance speaks for it", "signer"},
    Key{"id", Kind::match, required, "builder.id in the provenance"},
    Key{"level", Kind::integer, optional, "SLSA Build level that it reaches: 1, 2 or 3"},
};

// Also the first keys of `signatures`.
constexpr std::array signer_keys = {
    Key{"root", Kind::texts, required, "of `roots`: any of these"},
    Key{"keys", Kind::texts, optional, "ids of keys of the root: these alone"},
    Key{"subject", Kind::match, optional, "the name in the certificate"},
    Key{"issuer", Kind::match, optional, "who vouched for the name to a sigstore instance"},
    Key{"annotations", Kind::text_map, optional, "each is signed with this value"},
    Key{"require_log", Kind::boolean, optional, "a log must hold signatures by keys as well"},
    Key{"hardware", Kind::object, optional, "the key lives in a device", "hardware"},
};

constexpr std::array signatures_keys = {
    signer_keys[0],
    signer_keys[1],
    signer_keys[2],
    signer_keys[3],
    signer_keys[4],
    signer_keys[5],
    signer_keys[6],
    Key{"formats", Kind::choices, optional, "one of these forms", "sigstore|cosign"},
    Key{"count", Kind::integer, optional, "so many different ones"},
    Key{"distinct", Kind::choice, optional, "what makes them different", distinctions},
};

constexpr std::array hardware_keys = {
    Key{"root", Kind::texts, optional, "makers that count; Yubico unless said"},
    Key{"touch", Kind::boolean, optional, "asks for a touch"},
    Key{"pin", Kind::boolean, optional, "asks for a PIN"},
    Key{"fips", Kind::boolean, optional, "is a FIPS device"},
    Key{"min_firmware", Kind::text, optional, "\"5.7.0\""},
    Key{"serials", Kind::integers, optional, "is one of these devices"},
};

constexpr std::array rule_keys = {
    Key{"name", Kind::text, required, "in reports"},
    Key{"match", Kind::object, required, "which images", "match"},
    Key{"require", Kind::requirement, required, "what they must show"},
    Key{"mode", Kind::choice, optional, "audit decides and tells, and lets pass", modes},
    Key{"on_error", Kind::choice, optional, "when nobody could look", on_errors},
    Key{"i_accept_fail_open", Kind::boolean, optional, "needed for on_error: allow"},
    Key{"tags", Kind::choice, optional, "whether an image may be named by a tag", tag_rules},
    Key{"subject", Kind::choice, optional, "which manifest the evidence is about", subjects},
    Key{"platforms", Kind::texts, optional, "those that `subject` asks for; all unless said"},
    Key{"freshness", Kind::object, optional, "how old signatures may be", "freshness"},
    Key{"exceptions", Kind::object, optional, "who may except an image, and for how long",
        "exceptions"},
    Key{"inherit", Kind::text, optional, "a rule whose requirement must hold too"},
};

constexpr std::array match_keys = {
    Key{"images", Kind::texts, required, "patterns: any of these"},
};

constexpr std::array freshness_keys = {
    Key{"max_signature_age", Kind::age, optional, "by a log's or a timestamp's time"},
    Key{"require_timestamp", Kind::boolean, optional, "a log or a timestamp says when"},
};

constexpr std::array exceptions_keys = {
    Key{"signer", Kind::object, required, "who may", "signer"},
    Key{"count", Kind::integer, optional, "so many different ones together"},
    Key{"distinct", Kind::choice, optional, "what makes them different", distinctions},
    Key{"max_duration", Kind::age, optional, "72h at most, which it is unless said"},
};

constexpr std::array threshold_keys = {
    Key{"count", Kind::integer, required, "so many of the parts, by as many signers"},
    Key{"of", Kind::requirements, required, "the parts"},
    Key{"distinct", Kind::choice, optional, "what makes signers different", distinctions},
};

constexpr std::array provenance_keys = {
    Key{"builder", Kind::texts, required, "of `builders`: one of these"},
    Key{"min_level", Kind::integer, optional, "SLSA Build level: 1, 2 or 3"},
    Key{"source", Kind::object, optional, "what was built", "source"},
    Key{"build_type", Kind::matches, optional, "one of these"},
    Key{"external_parameters", Kind::object, optional, "what the build was given", "parameters"},
    Key{"max_age", Kind::age, optional, "since the build ended"},
};

constexpr std::array source_keys = {
    Key{"uri", Kind::match, optional, "github.com/acme/app: no scheme, no .git"},
    Key{"ref", Kind::match, optional, "refs/tags/v1.2.3"},
    Key{"versioned_tag", Kind::text, optional, "v1.2 fits v1.2.3"},
    Key{"commit", Kind::text, optional, "hex"},
};

constexpr std::array parameters_keys = {
    Key{"expect", Kind::value_map, optional, "each with this very value"},
    Key{"ignore", Kind::texts, optional, "these may have any value"},
    Key{"allow_extra", Kind::boolean, optional, "with false, no others may be there"},
};

constexpr std::array sbom_keys = {
    Key{"signer", Kind::object, required, "whose", "signer"},
    Key{"formats", Kind::choices, optional, "one of these", "spdx|cyclonedx"},
    Key{"max_age", Kind::age, optional, "since it was made"},
    Key{"packages", Kind::object, optional, "what must be in it, or must not", "packages"},
    Key{"licenses", Kind::object, optional, "of the packages", "licenses"},
};

constexpr std::array packages_keys = {
    Key{"require", Kind::texts, optional, "names, or package URLs"},
    Key{"deny", Kind::texts, optional, "names, or package URLs"},
};

constexpr std::array licenses_keys = {
    Key{"allow", Kind::matches, optional, "these alone"},
    Key{"deny", Kind::matches, optional, "none of these"},
};

constexpr std::array vulnerabilities_keys = {
    Key{"signer", Kind::object, required, "whose scan", "signer"},
    Key{"max_age", Kind::age, required, "since the scan ended"},
    Key{"database_max_age", Kind::age, optional, "of the scanner's database"},
    Key{"deny", Kind::object, optional, "what refuses the image", "denied"},
    Key{"ignore", Kind::objects, optional, "what does not, for a time", "ignored"},
    Key{"vex", Kind::object, optional, "whose word excuses", "vex"},
};

constexpr std::array denied_keys = {
    Key{"severity", Kind::choice, required, "this and those above",
        "none|low|medium|high|critical"},
    Key{"fixable_only", Kind::boolean, optional, "those without a fix are let pass"},
};

constexpr std::array ignored_keys = {
    Key{"id", Kind::text, required, "CVE-2026-1234"},
    Key{"until", Kind::date_or_time, required, "then it counts again"},
    Key{"reason", Kind::text, required, "why it does not matter"},
};

constexpr std::array vex_keys = {
    Key{"signer", Kind::object, required, "whose", "signer"},
    Key{"accept", Kind::choices, optional, "these states excuse; both unless said",
        "not_affected|fixed"},
};

constexpr std::array predicate_keys = {
    Key{"type", Kind::text, required, "a URI, or a short name"},
    Key{"signer", Kind::object, required, "whose", "signer"},
    Key{"expression", Kind::text, required, "docs/reference/expressions.md"},
    Key{"max_age", Kind::age, optional, "since it was signed"},
};

constexpr std::array vsa_keys = {
    Key{"signer", Kind::object, required, "whose", "signer"},
    Key{"verifier", Kind::text, required, "verifier.id, letter for letter"},
    Key{"levels", Kind::texts, optional, "each is reached: SLSA_BUILD_LEVEL_3"},
    Key{"max_age", Kind::age, optional, "since it was verified"},
    Key{"policy_digest", Kind::text, optional, "of the policy it was verified by"},
};

constexpr std::array base_image_keys = {
    Key{"images", Kind::texts, optional, "patterns: one of these"},
    Key{"verified", Kind::boolean, optional, "this policy accepts it in turn"},
};

constexpr std::array image_keys = {
    Key{"not_root", Kind::boolean, optional, "runs as somebody else than root"},
    Key{"no_secrets", Kind::boolean, optional, "none in its history and environment"},
    Key{"labels", Kind::match_map, optional, "are there, with these values"},
    Key{"platforms", Kind::texts, optional, "os/architecture[/variant]: one of these"},
    Key{"max_age", Kind::age, optional, "since it was created"},
};

constexpr std::array objects = {
    ObjectKind{"policy", policy_keys},
    ObjectKind{"defaults", defaults_keys},
    ObjectKind{"root", root_keys},
    ObjectKind{"key", key_keys},
    ObjectKind{"authority", authority_keys},
    ObjectKind{"instance", instance_keys},
    ObjectKind{"maker", maker_keys},
    ObjectKind{"builder", builder_keys},
    ObjectKind{"signer", signer_keys},
    ObjectKind{"hardware", hardware_keys},
    ObjectKind{"rule", rule_keys},
    ObjectKind{"match", match_keys},
    ObjectKind{"freshness", freshness_keys},
    ObjectKind{"exceptions", exceptions_keys},
    ObjectKind{"threshold", threshold_keys},
    ObjectKind{"signatures", signatures_keys},
    ObjectKind{"provenance", provenance_keys},
    ObjectKind{"source", source_keys},
    ObjectKind{"parameters", parameters_keys},
    ObjectKind{"sbom", sbom_keys},
    ObjectKind{"packages", packages_keys},
    ObjectKind{"licenses", licenses_keys},
    ObjectKind{"vulnerabilities", vulnerabilities_keys},
    ObjectKind{"denied", denied_keys},
    ObjectKind{"ignored", ignored_keys},
    ObjectKind{"vex", vex_keys},
    ObjectKind{"predicate", predicate_keys},
    ObjectKind{"vsa", vsa_keys},
    ObjectKind{"base_image", base_image_keys},
    ObjectKind{"image", image_keys},
};

constexpr std::array requirements = {
    Key{"all_of", Kind::requirements, optional, "every one of these"},
    Key{"any_of", Kind::requirements, optional, "one of these"},
    Key{"threshold", Kind::object, optional, "some of these, by different signers", "threshold"},
    Key{"signatures", Kind::object, optional, "the image is signed", "signatures"},
    Key{"provenance", Kind::object, optional, "how it was built (SLSA)", "provenance"},
    Key{"sbom", Kind::object, optional, "what is in it (SPDX, CycloneDX)", "sbom"},
    Key{"vulnerabilities", Kind::object, optional, "a scan", "vulnerabilities"},
    Key{"predicate", Kind::object, optional, "any attestation, by an expression", "predicate"},
    Key{"vsa", Kind::object, optional, "somebody else's verdict", "vsa"},
    Key{"base_image", Kind::object, optional, "what it is built upon", "base_image"},
    Key{"image", Kind::object, optional, "its own configuration", "image"},
};

}  // namespace

std::span<const ObjectKind> object_kinds() { return objects; }

const ObjectKind& object_kind(std::string_view name) {
  return *std::ranges::find(objects, name, &ObjectKind::name);
}

std::span<const Key> requirement_keys() { return requirements; }

}  // namespace touchstone::policy
