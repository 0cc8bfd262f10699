#include "verify/legacy_material.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/certificate.h"
#include "formats/json_fields.h"
#include "formats/simple_signing.h"

namespace touchstone::verify {
namespace {

using crypto::Certificate;

const std::string* annotation(const formats::Descriptor& layer, std::string_view name) {
  const auto found = layer.annotations.find(std::string(name));
  return found == layer.annotations.end() || found->second.empty() ? nullptr : &found->second;
}

Error malformed(std::string_view what, const Error& why) {
  return in_context(why, Code::format_signature, what);
}

Result<std::vector<Certificate>> read_pem(std::string_view pem, std::string_view what) {
  auto list = Certificate::from_file(as_bytes(pem));
  if (!list) {
    return Error{Code::certificate_malformed, std::string(what) + ": " + list.error().message, ""};
  }
  return list;
}

Result<Bytes> timestamp(std::string_view text) {
  TS_TRY(const formats::Json document,
         formats::parse_json(as_bytes(text), 2 * limits::max_timestamp_bytes));
  TS_TRY(const formats::Fields fields, formats::Fields::of(document));
  TS_TRY(const std::string encoded, fields.string("SignedRFC3161Timestamp"));
  auto response = from_base64(encoded);
  if (!response || response->empty()) {
    return fields.error("SignedRFC3161Timestamp", "malformed base64");
  }
  return *std::move(response);
}

}  // namespace

Result<LegacyMaterial> LegacyMaterial::read(const formats::Descriptor& layer) {
  LegacyMaterial material;
  if (const std::string* pem = annotation(layer, formats::certificate_annotation)) {
    TS_TRY(const std::vector<Certificate> leaf, read_pem(*pem, "certificate annotation"));
    material.certificates.push_back(leaf.front().der());
    if (const std::string* chain = annotation(layer, formats::chain_annotation)) {
      TS_TRY(const std::vector<Certificate> above, read_pem(*chain, "chain annotation"));
      if (above.size() > limits::max_chain_certificates) {
        return Error{Code::limit_count, "chain annotation: too many certificates", ""};
      }
      // This form's writers put the root there as well: it says nothing, and is not looked at.
      for (const Certificate& certificate : above) {
        if (!certificate.is_self_signed()) material.certificates.push_back(certificate.der());
      }
    }
  }
  if (const std::string* text = annotation(layer, formats::log_annotation)) {
    auto entry = formats::LogEntry::parse_annotation(*text);
    if (!entry) return malformed("log annotation", entry.error());
    material.log_entries.push_back(*std::move(entry));
  }
  if (const std::string* text = annotation(layer, formats::timestamp_annotation)) {
    auto response = timestamp(*text);
    if (!response) return malformed("timestamp annotation", response.error());
    material.timestamps.push_back(*std::move(response));
  }
  return material;
}

Result<FoundSigner> find_legacy_signer(const LegacySignature& signature, const Demand& demand,
                                       std::chrono::sys_seconds at) {
  SignatureClaim claim{signature.content, signature.signature, {}, {}, {}, signature.envelope_file};
  if (demand.authorities.empty() && demand.instances.empty()) {
    auto by_key = find_signer(claim, demand, at);
    if (by_key ||
        !signature.layer.annotations.contains(std::string(formats::certificate_annotation))) {
      return by_key;
    }
    return Error{Code::certificate_unexpected,
                 "signed with a certificate, and only keys were asked for", ""};
  }
  TS_TRY(const LegacyMaterial material, LegacyMaterial::read(signature.layer));
  claim.witnesses = material.witnesses(signature.stamped);
  auto by_key = find_signer(claim, demand, at);
  if (by_key || material.certificates.empty()) return by_key;
  claim.certificates = material.certificates;
  return find_signer(claim, demand, at);
}

}  // namespace touchstone::verify
