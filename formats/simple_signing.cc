#include "formats/simple_signing.h"

#include <array>
#include <utility>

#include "base/limits.h"
#include "formats/json_fields.h"

namespace touchstone::formats {
namespace {

// A member's name as it stands there: `name`, or the same with a capital letter first. Of both, one
// is none of the only members that are allowed.
std::string spelling(const Fields& fields, std::string_view name) {
  std::string capitalised(name);
  capitalised.front() = static_cast<char>(capitalised.front() - 'a' + 'A');
  return fields.json().find(capitalised) == nullptr ? std::string(name) : capitalised;
}

Result<SimpleSigning> parse_members(const Json& document) {
  TS_TRY(const Fields root, Fields::of(document));
  const std::string critical_name = spelling(root, "critical");
  const std::string optional_name = spelling(root, "optional");
  TS_CHECK(root.only({critical_name, optional_name}));
  TS_TRY(const Fields critical, root.object(critical_name));
  const std::string identity_name = spelling(critical, "identity");
  const std::string image_name = spelling(critical, "image");
  const std::string type_name = spelling(critical, "type");
  TS_CHECK(critical.only({identity_name, image_name, type_name}));
  TS_TRY(const Fields identity, critical.object(identity_name));
  const std::string reference_name = spelling(identity, "docker-reference");
  TS_CHECK(identity.only({reference_name}));
  TS_TRY(const Fields image, critical.object(image_name));
  const std::string digest_name = spelling(image, "docker-manifest-digest");
  TS_CHECK(image.only({digest_name}));

  TS_TRY(std::string type, critical.string(type_name));
  TS_TRY(std::string reference, identity.string(reference_name));
  TS_TRY(const std::string digest_text, image.string(digest_name));
  const auto digest = Digest::parse(digest_text);
  if (!digest) return image.error(digest_name, digest.error().message);
  TS_TRY(const auto notes, root.optional_object(optional_name));
  std::map<std::string, std::string> annotations;
  if (notes) {
    for (const auto& [name, value] : *notes->json().object()) {
      if (value.string() != nullptr) annotations.emplace(name, *value.string());
    }
  }
  return SimpleSigning{std::move(type), *digest, std::move(reference), std::move(annotations)};
}

// Go's encoder escapes these in every string, for the sake of JSON inside HTML. Nothing outside
// strings holds them.
std::string escaped_as_go(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> escapes = {
      {{"<", "\\u003c"},
       {">", "\\u003e"},
       {"&", "\\u0026"},
       {"\xe2\x80\xa8", "\\u2028"},
       {"\xe2\x80\xa9", "\\u2029"}}};
  for (const auto& [from, to] : escapes) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
      text.replace(at, from.size(), to);
      at += to.size();
    }
  }
  return text;
}

}  // namespace

Result<SimpleSigning> SimpleSigning::parse(ByteView payload) {
  auto document = parse_json(payload, limits::max_simple_signing_bytes);
  if (!document) return in_context(std::move(document).error(), Code::format_payload, "payload");
  auto parsed = parse_members(*document);
  if (!parsed) return in_context(std::move(parsed).error(), Code::format_payload, "payload");
  return parsed;
}

std::string write_simple_signing(const Digest& image, std::string_view docker_reference,
                                 const std::map<std::string, std::string>& annotations) {
  Json identity;
  identity.set("docker-reference", Json(docker_reference));
  Json digest;
  digest.set("docker-manifest-digest", Json(image.to_string()));
  Json critical;
  critical.set("identity", std::move(identity));
  critical.set("image", std::move(digest));
  critical.set("type", Json(image_signature_type));
  Json optional;  // null without annotations
  for (const auto& [name, value] : annotations) optional.set(name, Json(value));
  Json payload;
  payload.set("critical", std::move(critical));
  payload.set("optional", std::move(optional));
  return escaped_as_go(to_text(payload));
}

}  // namespace touchstone::formats
