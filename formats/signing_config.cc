#include "formats/signing_config.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "formats/proto_json.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view media_type_v02 = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
constexpr std::string_view trust_config =
    "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";

Result<Validity> validity(const Message& service) {
  TS_TRY(const auto message, service.message("validFor", {"start", "end"}));
  if (!message) return service.error("validFor", "missing");
  Validity out;
  TS_TRY(out.start, message->timestamp("start"));
  TS_TRY(out.end, message->timestamp("end"));
  if (!out.start) return message->error("start", "missing");
  if (out.end && *out.end < *out.start) return message->error("end", "is before the start");
  return out;
}

Result<std::vector<Service>> services(const Message& root, std::string_view name) {
  TS_TRY(const std::vector<Message> messages,
         root.messages(name, limits::max_root_instances,
                       {"url", "majorApiVersion", "validFor", "operator"}));
  std::vector<Service> out;
  for (const Message& message : messages) {
    Service service;
    TS_TRY(service.url, message.string("url"));
    if (service.url.empty()) return message.error("url", "missing");
    TS_TRY(service.api_version, message.unsigned_integer("majorApiVersion"));
    if (service.api_version == 0) return message.error("majorApiVersion", "missing");
    TS_TRY(service.validity, validity(message));
    TS_TRY(service.operator_name, message.string("operator"));
    out.push_back(std::move(service));
  }
  return out;
}

// Without services nothing need be said; with some it must be how many of them.
Result<ServiceSelection> selection(const Message& root, std::string_view name, bool needed) {
  using Kind = ServiceSelection::Kind;
  ServiceSelection out;
  TS_TRY(const auto message, root.message(name, {"selector", "count"}));
  if (message) {
    TS_TRY(
        const std::string selector,
        message->enumeration(
            "selector", {{0, "SERVICE_SELECTOR_UNDEFINED"}, {1, "ALL"}, {2, "ANY"}, {3, "EXACT"}}));
    TS_TRY(out.count, message->unsigned_integer("count"));
    if (selector == "ALL") out.kind = Kind::all;
    if (selector == "ANY") out.kind = Kind::any;
    if (selector == "EXACT") out.kind = Kind::exact;
    if (out.kind == Kind::exact && out.count == 0) return message->error("count", "missing");
  }
  if (needed && out.kind == Kind::none) return root.error(name, "says not how many to use");
  return out;
}

Result<SigningConfig> parse_members(const Json& document) {
  TS_TRY(const Message root, Message::of(document, "",
                                         {"mediaType", "caUrls", "oidcUrls", "rekorTlogUrls",
                                          "tsaUrls", "rekorTlogConfig", "tsaConfig"}));
  TS_TRY(const std::string type, root.string("mediaType"));
  if (type != media_type_v02) {
    return root.error("mediaType",
                      "\"" + printable(type) + "\" is no signing configuration of version 0.2");
  }
  SigningConfig out;
  TS_TRY(out.authorities, services(root, "caUrls"));
  TS_TRY(out.issuers, services(root, "oidcUrls"));
  TS_TRY(out.logs, services(root, "rekorTlogUrls"));
  TS_TRY(out.timestamp_authorities, services(root, "tsaUrls"));
  TS_TRY(out.log_selection, selection(root, "rekorTlogConfig", !out.logs.empty()));
  TS_TRY(out.timestamp_selection, selection(root, "tsaConfig", !out.timestamp_authorities.empty()));
  return out;
}

Result<SigningConfig> parse_document(const Json& document) {
  TS_TRY(const Fields fields, Fields::of(document));
  TS_TRY(const std::string type, fields.string_or("mediaType", ""));
  if (type != trust_config) return parse_members(document);
  TS_TRY(const Message root,
         Message::of(document, "", {"mediaType", "trustedRoot", "signingConfig"}));
  const Json* config = root.member("signingConfig");
  if (config == nullptr) return root.error("signingConfig", "missing");
  return parse_members(*config);
}

// The services to choose from, the first choice first: one an operator.
std::vector<Service> candidates(const std::vector<Service>& services, std::uint64_t highest,
                                Instant now) {
  std::vector<const Service*> usable;
  std::uint64_t version = 0;
  for (const Service& service : services) {
    if (service.api_version > highest || !service.validity.contains(now)) continue;
    usable.push_back(&service);
    version = std::max(version, service.api_version);
  }
  // Of equals, the one that stands first in the list.
  std::ranges::sort(usable, [](const Service* a, const Service* b) {
    return std::pair(*b->validity.start, a) < std::pair(*a->validity.start, b);
  });
  std::vector<Service> out;
  for (const Service* service : usable) {
    const bool is_twin =
        !service->operator_name.empty() &&
        std::ranges::count(out, service->operator_name, &Service::operator_name) != 0;
    if (service->api_version == version && !is_twin) out.push_back(*service);
  }
  return out;
}

Result<std::vector<Service>> choose(const std::vector<Service>& services,
                                    const ServiceSelection& selection, std::uint64_t highest,
                                    Instant now, std::string_view what) {
  std::vector<Service> out = candidates(services, highest, now);
  std::uint64_t wanted = 1;
  if (services.empty() && selection.kind != ServiceSelection::Kind::exact) return out;
  if (selection.kind == ServiceSelection::Kind::exact) wanted = selection.count;
  if (out.size() < wanted) {
    return Error{Code::usage_arguments,
                 "the signing configuration names " + std::to_string(out.size()) + " " +
                     std::string(what) + " that can be used now; it wants " +
                     std::to_string(wanted),
                 "get a newer signing configuration, or a newer touchstone"};
  }
  if (selection.kind != ServiceSelection::Kind::all) {
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(wanted), out.end());
  }
  return out;
}

}  // namespace

Result<SigningConfig> SigningConfig::parse(ByteView bytes) {
  auto document = parse_json(bytes, limits::max_trust_file_bytes);
  if (!document) {
    return in_context(std::move(document).error(), Code::format_file, "signing configuration");
  }
  auto config = parse_document(*document);
  if (!config) {
    return in_context(std::move(config).error(), Code::format_file, "signing configuration");
  }
  return config;
}

Result<SelectedServices> SigningConfig::select(Instant now) const {
  constexpr ServiceSelection one{ServiceSelection::Kind::any, 0};
  SelectedServices out;
  TS_TRY(const auto chosen, choose(authorities, one, 1, now, "certificate authorities"));
  if (!chosen.empty()) out.authority = chosen.front();
  TS_TRY(out.logs, choose(logs, log_selection, 2, now, "logs"));
  TS_TRY(out.timestamp_authorities,
         choose(timestamp_authorities, timestamp_selection, 1, now, "timestamp authorities"));
  return out;
}

}  // namespace touchstone::formats
