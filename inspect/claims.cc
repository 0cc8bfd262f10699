#include "inspect/claims.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/certificate.h"
#include "crypto/fulcio_certificate.h"
#include "crypto/timestamp_token.h"
#include "formats/json_fields.h"
#include "formats/sigstore_bundle.h"
#include "formats/simple_signing.h"

namespace touchstone::inspect {
namespace {

using formats::Descriptor;

constexpr std::string_view envelope_type = "application/vnd.dsse.envelope.v1+json";

const std::string* annotation(const Descriptor& layer, std::string_view name) {
  const auto found = layer.annotations.find(std::string(name));
  return found == layer.annotations.end() || found->second.empty() ? nullptr : &found->second;
}

class Reader {
 public:
  Reader(const Descriptor& layer, const Digest& subject) : layer_(layer), subject_(subject) {}

  Claims read(ByteView content) {
    switch (content_kind(layer_.media_type)) {
      case ContentKind::bundle:
        claims_.form = "sigstore bundle";
        read_bundle(content);
        break;
      case ContentKind::simple_signing:
        claims_.form = "cosign signature";
        read_payload(content);
        read_annotations();
        break;
      case ContentKind::envelope:
        claims_.form = "cosign attestation";
        read_envelope(content);
        read_annotations();
        break;
      case ContentKind::other:
        break;
    }
    return std::move(claims_);
  }

 private:
  void fault(std::string_view what, const Error& why) {
    Error error = why;
    error.message = std::string(what) + ": " + error.message;
    claims_.faults.push_back(std::move(error));
  }

  void add_certificate(const crypto::Certificate& certificate) {
    CertificateClaim claim{
        certificate.fingerprint(), certificate.subject(),  certificate.issuer(), {}, "",
        certificate.not_before(),  certificate.not_after()};
    for (const crypto::AlternativeName& name : certificate.alternative_names()) {
      claim.names.push_back(name.value.empty() ? "(no text)" : name.value);
    }
    const auto fields = crypto::fulcio_fields(certificate);
    if (fields) {
      claim.vouched_by = fields->issuer;
    } else {
      fault("certificate", fields.error());
    }
    claims_.certificates.push_back(std::move(claim));
  }

  void add_log(const formats::LogEntry& entry) {
    LogClaim claim{entry.index,  to_hex(entry.log_id),   entry.kind + " " + entry.version,
                   std::nullopt, !entry.promise.empty(), entry.proof.has_value()};
    // What year 9999 does not hold is no time that can be written.
    constexpr std::uint64_t last_second = 253'402'300'799;
    if (entry.integrated_time > last_second) {
      claims_.faults.push_back(
          Error{Code::format_bundle, "a log entry's time is past the year 9999", ""});
    } else if (entry.integrated_time != 0) {
      claim.integrated = std::chrono::sys_seconds(
          std::chrono::seconds(static_cast<std::int64_t>(entry.integrated_time)));
    }
    claims_.logs.push_back(std::move(claim));
  }

  void add_timestamp(ByteView response) {
    const auto token = crypto::TimestampToken::parse(response);
    if (!token) return fault("timestamp", token.error());
    claims_.timestamps.push_back(std::chrono::floor<std::chrono::seconds>(token->time()));
  }

  void add_statement(ByteView payload) {
    const auto parsed = formats::Statement::parse(payload);
    if (!parsed) return fault("statement", parsed.error());
    StatementClaim claim;
    claim.type = parsed->predicate_type;
    for (const formats::Subject& subject : parsed->subjects) {
      claim.subjects.push_back({subject.name, subject.digests});
    }
    if (const formats::Subject* own = parsed->find({subject_})) {
      claim.about_subject = true;
      claim.annotations = own->annotations;
    }
    claims_.statement = std::move(claim);
  }

  void add_envelope(const std::string& payload_type, ByteView payload) {
    claims_.payload_type = payload_type;
    if (payload_type == formats::in_toto_payload_type) add_statement(payload);
  }

  void read_bundle(ByteView content) {
    const auto bundle = formats::SigstoreBundle::parse(content);
    if (!bundle) return fault("bundle", bundle.error());
    claims_.form += " 0." + std::to_string(bundle->minor_version);
    if (const auto* hint = std::get_if<formats::KeyHint>(&bundle->material)) {
      claims_.key_hint = hint->hint;
    } else {
      for (const Bytes& der : std::get<formats::CertificateChain>(bundle->material).certificates) {
        const auto certificate = crypto::Certificate::from_der(der);
        if (certificate) {
          add_certificate(*certificate);
        } else {
          fault("certificate", certificate.error());
        }
      }
    }
    for (const formats::LogEntry& entry : bundle->log_entries) add_log(entry);
    for (const Bytes& response : bundle->timestamps) add_timestamp(response);
    if (const auto* envelope = std::get_if<formats::DsseEnvelope>(&bundle->content)) {
      add_envelope(envelope->payload_type, envelope->payload);
    } else {
      add_message(std::get<formats::MessageSignature>(bundle->content));
    }
  }

  void add_message(const formats::MessageSignature& message) {
    SubjectClaim claim;
    if (message.hash) {
      constexpr std::array<const char*, 3> names = {"sha256", "sha384", "sha512"};
      claim.digests[names[static_cast<std::size_t>(*message.hash)]] = to_hex(message.digest);
    }
    claims_.message = std::move(claim);
  }

  void read_payload(ByteView content) {
    const auto payload = formats::SimpleSigning::parse(content);
    if (!payload) return fault("payload", payload.error());
    const Digest& image = payload->image;
    claims_.statement = StatementClaim{
        payload->type,
        {{payload->docker_reference, {{std::string(image.algorithm_name()), image.hex()}}}},
        image == subject_,
        payload->annotations};
    if (annotation(layer_, formats::signature_annotation) == nullptr) {
      claims_.faults.push_back(Error{Code::format_signature, "there is no signature", ""});
    }
  }

  void read_envelope(ByteView content) {
    const auto read = [&]() -> Status {
      TS_TRY(const formats::Json document, formats::parse_json(content, limits::max_bundle_bytes));
      TS_TRY(const formats::Fields fields, formats::Fields::of(document));
      TS_TRY(const std::string type, fields.string("payloadType"));
      TS_TRY(const std::string encoded, fields.string("payload"));
      const auto payload = from_base64(encoded);
      if (!payload) return fields.error("payload", "malformed base64");
      add_envelope(type, *payload);
      TS_TRY(const auto signatures,
             fields.objects_or_empty("signatures", limits::max_signature_layers));
      if (signatures.empty()) return fields.error("signatures", "there is none");
      TS_TRY(const std::string keyid, signatures.front().string_or("keyid", ""));
      if (!keyid.empty()) claims_.key_hint = keyid;
      return ok();
    }();
    if (!read) fault("envelope", read.error());
  }

  void read_annotations() {
    for (const std::string_view name :
         {formats::certificate_annotation, formats::chain_annotation}) {
      const std::string* pem = annotation(layer_, name);
      if (pem == nullptr) continue;
      const auto list = crypto::Certificate::from_file(as_bytes(*pem));
      if (!list) {
        fault(name, list.error());
        continue;
      }
      for (const crypto::Certificate& certificate : *list) add_certificate(certificate);
    }
    if (const std::string* text = annotation(layer_, formats::log_annotation)) {
      const auto entry = formats::LogEntry::parse_annotation(*text);
      if (entry) {
        add_log(*entry);
      } else {
        fault(formats::log_annotation, entry.error());
      }
    }
    if (const std::string* text = annotation(layer_, formats::timestamp_annotation)) {
      if (const auto read = read_timestamp(*text); !read) {
        fault(formats::timestamp_annotation, read.error());
      }
    }
  }

  Status read_timestamp(const std::string& text) {
    TS_TRY(const formats::Json document,
           formats::parse_json(as_bytes(text), 2 * limits::max_timestamp_bytes));
    TS_TRY(const formats::Fields fields, formats::Fields::of(document));
    TS_TRY(const std::string encoded, fields.string("SignedRFC3161Timestamp"));
    const auto response = from_base64(encoded);
    if (!response) return fields.error("SignedRFC3161Timestamp", "malformed base64");
    add_timestamp(*response);
    return ok();
  }

  const Descriptor& layer_;
  const Digest& subject_;
  Claims claims_;
};

}  // namespace

ContentKind content_kind(std::string_view media_type) {
  if (media_type.starts_with("application/vnd.dev.sigstore.bundle")) return ContentKind::bundle;
  if (media_type == formats::media_type::simple_signing) return ContentKind::simple_signing;
  if (media_type == envelope_type) return ContentKind::envelope;
  return ContentKind::other;
}

Claims read_claims(const Descriptor& layer, ByteView content, const Digest& subject) {
  return Reader(layer, subject).read(content);
}

}  // namespace touchstone::inspect
