// What an image's own configuration says.
#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "judge/attested.h"
#include "judge/requirements.h"
#include "judge/secrets.h"

namespace touchstone::judge {
namespace {

using formats::ImageConfig;

constexpr std::string_view kind = "image";

// Runtimes read a number as Go's strconv.Atoi does: with a sign, with zeros in front. What is no
// number they look up in the image's own list of users, where only "root" is known to us; numbers
// that are no user id are refused with root.
bool is_root(std::string_view user) {
  std::string_view name = user.substr(0, user.find(':'));
  if (name.empty() || name == "root") return true;
  const bool is_signed = name.starts_with('+') || name.starts_with('-');
  const std::string_view digits = name.substr(is_signed ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return false;
  constexpr std::string_view largest = "2147483647";
  const std::string_view number =
      digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  const bool too_large =
      number.size() > largest.size() || (number.size() == largest.size() && number > largest);
  return number.empty() || name.starts_with('-') || too_large;
}

Status check_user(const ImageConfig& config) {
  if (!is_root(config.user)) return ok();
  return Error{Code::image_user,
               config.user.empty() ? std::string("the image names no user, and so runs as root")
                                   : "the image runs as \"" + printable(config.user) + "\"",
               ""};
}

Error secret_in(std::string_view where, const std::string& what) {
  return {Code::image_secret, std::string(where) + " seems to hold " + what, ""};
}

// Looking through texts takes its time, and an image has as many as its maker likes.
Status check_searched(const ImageConfig& config) {
  std::size_t bytes = 0;
  for (const auto* texts : {&config.env, &config.history}) {
    for (const std::string& text : *texts) bytes += text.size();
  }
  if (bytes <= limits::max_searched_bytes) return ok();
  return Error{Code::limit_size,
               "history and environment are too long to be looked through for secrets", ""};
}

Status check_secrets(const ImageConfig& config) {
  TS_CHECK(check_searched(config));
  for (std::size_t i = 0; i < config.env.size(); ++i) {
    const std::string name = config.env[i].substr(0, config.env[i].find('='));
    if (const auto secret = find_secret(config.env[i])) {
      return secret_in("the variable \"" + printable(name) + "\"", *secret);
    }
  }
  for (std::size_t i = 0; i < config.history.size(); ++i) {
    if (const auto secret = find_secret(config.history[i])) {
      return secret_in("step " + std::to_string(i + 1) + " of the history", *secret);
    }
  }
  return ok();
}

Status check_labels(const policy::ImageConfiguration& wanted, const ImageConfig& config) {
  for (const policy::Label& label : wanted.labels) {
    const auto found = config.labels.find(label.name);
    if (found != config.labels.end() && (!label.value || label.value->matches(found->second))) {
      continue;
    }
    return Error{Code::image_label,
                 "label \"" + printable(label.name) + "\" is " +
                     (found == config.labels.end() ? std::string("missing")
                                                   : "\"" + printable(found->second) + "\""),
                 ""};
  }
  return ok();
}

// A variant that is not asked for may be any.
bool fits(const formats::Platform& wanted, const formats::Platform& actual) {
  return wanted.os == actual.os && wanted.architecture == actual.architecture &&
         (wanted.variant.empty() || wanted.variant == actual.variant);
}

Status check_platform(const policy::ImageConfiguration& wanted, const ImageConfig& config) {
  const auto is_it = [&](const auto& platform) { return fits(platform, config.platform); };
  if (wanted.platforms.empty() || std::ranges::any_of(wanted.platforms, is_it)) return ok();
  return Error{Code::rule_platform, "the image is for " + printable(config.platform.to_string()),
               ""};
}

Status check(const policy::ImageConfiguration& wanted, const ImageConfig& config,
             std::chrono::sys_seconds now) {
  if (wanted.not_root) TS_CHECK(check_user(config));
  if (wanted.no_secrets) TS_CHECK(check_secrets(config));
  TS_CHECK(check_labels(wanted, config));
  TS_CHECK(check_platform(wanted, config));
  if (!wanted.max_age) return ok();
  return check_age(config.created, *wanted.max_age, now, "the image");
}

std::string wanted_text(const policy::ImageConfiguration& wanted) {
  std::vector<std::string> parts;
  if (wanted.not_root) parts.emplace_back("a user other than root");
  if (wanted.no_secrets) parts.emplace_back("no secrets in history and environment");
  for (const policy::Label& label : wanted.labels) {
    parts.push_back("label \"" + printable(label.name) + "\"" +
                    (label.value ? " " + printable(label.value->describe()) : ""));
  }
  std::vector<std::string> platforms;
  for (const auto& platform : wanted.platforms) platforms.push_back(platform.to_string());
  if (!platforms.empty()) parts.push_back("platform " + join(platforms, " or "));
  if (wanted.max_age) parts.push_back("created within " + duration_text(*wanted.max_age));
  return "an image with " + join(parts, ", ");
}

}  // namespace

Judgement judge_configuration(const policy::ImageConfiguration& wanted, const LeafContext& context,
                              policy::Place place) {
  const auto& config = context.manifest.config;
  const Status status =
      !config    ? Status(Error{Code::image_configuration, "the image has no configuration", ""})
      : !*config ? Status((*config).error())
                 : check(wanted, **config, context.now);
  if (!status) return not_met(kind, wanted_text(wanted), status.error(), {}, place);
  Judgement judgement = met(kind, wanted_text(wanted), {}, place);
  judgement.valid_until = good_until((*config)->created, wanted.max_age);
  return judgement;
}

}  // namespace touchstone::judge
