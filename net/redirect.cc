#include "net/redirect.h"

#include "base/text.h"

namespace touchstone::net {
namespace {

bool may_use_plain_http(const Url& original, const Url& current, const Url& target) {
  if (original.scheme != "http" || current.scheme != "http") return false;
  return target.same_origin(original) ||
         (is_loopback_host(original.host) && is_loopback_host(target.host));
}

}  // namespace

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<Url> redirect_target(const Url& original, const Url& current, std::string_view location) {
  auto target = current.resolve(location);
  if (!target) return in_context(target.error(), Code::network_redirect, current.authority());
  if (target->scheme == "http" && !may_use_plain_http(original, current, *target)) {
    return Error{Code::network_redirect,
                 current.authority() + " redirects to plain http: " + printable(location), ""};
  }
  return target;
}

}  // namespace touchstone::net
