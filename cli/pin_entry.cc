#include "cli/pin_entry.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view descriptor_prefix = "fd:";

Error unusable(std::string_view name, std::string_view why) {
  return Error{Code::device_pin_unusable, "\"" + printable(name) + "\": " + std::string(why), ""};
}

std::string noun(const KeyDescription& key) { return key.hardware ? "PIN" : "passphrase"; }

// To the end, straight into memory that is wiped.
Result<Secret> read_secret(int fd, std::string_view name) {
  Secret secret;
  while (true) {
    char c = '\0';
    const ssize_t count = read(fd, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unusable(name, system_message(errno));
    if (count == 0) return secret;
    // Two bytes more than a PIN may have: its line break.
    if (secret.size() >= limits::max_pin_bytes + 2 || !secret.append(c)) {
      return unusable(name, "it holds more than a PIN");
    }
  }
}

Result<Secret> without_line_break(Secret secret, std::string_view name, bool may_be_empty) {
  if (secret.reveal().ends_with('\n')) {
    secret.remove_last();
    if (secret.reveal().ends_with('\r')) secret.remove_last();
  }
  const std::string_view text = secret.reveal();
  if (text.empty() && !may_be_empty) return unusable(name, "it holds no PIN");
  if (text.size() > limits::max_pin_bytes) return unusable(name, "it holds more than a PIN");
  if (text.find_first_of(std::string_view("\n\r\0", 3)) != std::string_view::npos) {
    return unusable(name, "it holds more than one line, or a NUL");
  }
  return secret;
}

Result<Secret> from_file(const std::string& path, bool may_be_empty) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  const Descriptor fd(
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW));
  if (!fd) {
    return unusable(path, errno == ELOOP ? "it is a symbolic link" : system_message(errno));
  }
  struct stat info{};
  if (fstat(fd.get(), &info) != 0) return unusable(path, system_message(errno));
  if (!S_ISREG(info.st_mode)) return unusable(path, "it is not a regular file");
  if (info.st_uid != geteuid() && info.st_uid != 0) return unusable(path, "it is somebody else's");
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return unusable(path, "others than its owner have access to it");
  }
  TS_TRY(Secret secret, read_secret(fd.get(), path));
  return without_line_break(std::move(secret), path, may_be_empty);
}

Result<Secret> from_descriptor(const std::string& name, bool may_be_empty) {
  const std::string_view digits = std::string_view(name).substr(descriptor_prefix.size());
  int fd = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fd);
  if (error != std::errc() || end != digits.data() + digits.size() || fd < 0) {
    return unusable(name, "it is not fd: and a number");
  }
  if (isatty(fd) == 1) return unusable(name, "it is a terminal");
  TS_TRY(Secret secret, read_secret(fd, name));
  return without_line_break(std::move(secret), name, may_be_empty);
}

// RFC 7512 section 2.4: "file:" and a path, or a bare path. The URI was decoded already.
Result<Secret> from_pin_source(std::string_view source) {
  if (!source.starts_with("file:")) return from_file(std::string(source), false);
  std::string_view path = source.substr(5);
  if (path.starts_with("//")) path.remove_prefix(2);
  if (!path.starts_with('/') || path.starts_with("//")) {
    return unusable(source, "it is not the URI of a file on this machine");
  }
  return from_file(std::string(path), false);
}

Result<Secret> from_variable(std::string_view text, std::string_view name, bool may_be_empty) {
  return without_line_break(Secret(text.substr(0, Secret::capacity)), name, may_be_empty);
}

std::string prompt(const KeyDescription& key, std::size_t signatures) {
  std::string text = noun(key) + " for " + key.device;
  if (!key.hardware) text[0] = 'P';
  if (key.pin_for_each_signature && signatures > 1) {
    text += ", for " + std::to_string(signatures) + " signatures";
  }
  if (key.tries == KeyDescription::Tries::last) {
    text += " (last try)";
  } else if (key.tries_left) {
    text += " (" + std::to_string(*key.tries_left) + " tries left)";
  } else if (key.tries == KeyDescription::Tries::low) {
    text += " (few tries left)";
  }
  return text + ": ";
}

Result<Secret> from_terminal(std::string_view noun, std::string_view device,
                             std::string_view prompt, bool may_be_empty, Terminal& terminal) {
  if (!terminal.present()) {
    return Error{Code::device_pin_needed,
                 "a " + std::string(noun) + " is needed for " + std::string(device) +
                     ", and nobody can be asked",
                 ""};
  }
  TS_TRY(Secret secret, terminal.ask_secret(prompt));
  if (secret.empty() && !may_be_empty) {
    return Error{Code::device_pin_needed, "no " + std::string(noun) + " was typed; none was tried",
                 ""};
  }
  return secret;
}

Status allow_last_try(KeyDescription::Tries tries, const std::string& what, Terminal& terminal) {
  if (tries != KeyDescription::Tries::last) return ok();
  if (!terminal.present()) {
    return Error{Code::device_pin_last_try, "one try is left for the " + what + "; it was not used",
                 ""};
  }
  TS_TRY(const bool yes, terminal.confirm("One try is left for the " + what +
                                          ". A wrong one blocks it. Go on? (yes/no) "));
  if (yes) return ok();
  return Error{Code::usage_not_confirmed, "the last try for the " + what + " was not used", ""};
}

struct Sources {
  const std::string& file;
  std::optional<std::string_view> variable;
  std::string_view variable_name;
  const std::string& pin_source;
  bool may_be_empty = false;
};

Sources sources_of(const SecretRequest& request) {
  return {request.file, request.variable, "TOUCHSTONE_PIN", request.source, request.may_be_empty};
}

// From the first that is given; absent when none is.
Result<std::optional<Secret>> from_sources(const Sources& sources) {
  std::optional<Secret> secret;
  if (sources.file.starts_with(descriptor_prefix)) {
    TS_TRY(secret, from_descriptor(sources.file, sources.may_be_empty));
  } else if (!sources.file.empty()) {
    TS_TRY(secret, from_file(sources.file, sources.may_be_empty));
  } else if (sources.variable) {
    TS_TRY(secret, from_variable(*sources.variable, sources.variable_name, sources.may_be_empty));
  } else if (!sources.pin_source.empty()) {
    TS_TRY(secret, from_pin_source(sources.pin_source));
  }
  return secret;
}

}  // namespace

void forbid_core_dumps() {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = 0;
    (void)setrlimit(RLIMIT_CORE, &limit);
  }
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

Result<Secret> obtain_pin(const KeyDescription& key, const PinSources& sources,
                          Terminal& terminal) {
  if (key.tries == KeyDescription::Tries::locked) {
    return Error{Code::device_pin_locked, "the PIN of " + key.device + " is blocked", ""};
  }
  TS_CHECK(allow_last_try(key.tries, "PIN of " + key.device, terminal));
  forbid_core_dumps();
  const bool cosign = key.cosign_file;
  const bool cosign_variable = cosign && !sources.variable && sources.cosign_variable;
  TS_TRY(auto given,
         from_sources({.file = sources.pin_file,
                       .variable = cosign_variable ? sources.cosign_variable : sources.variable,
                       .variable_name = cosign_variable ? "COSIGN_PASSWORD" : "TOUCHSTONE_PIN",
                       .pin_source = key.pin_source,
                       .may_be_empty = cosign}));
  if (given) return *std::move(given);
  return from_terminal(noun(key), key.device, prompt(key, sources.signatures), cosign, terminal);
}

Result<Secret> obtain_secret(const SecretRequest& request, Terminal& terminal) {
  const std::string what = request.noun + " of " + request.device;
  if (request.tries == KeyDescription::Tries::locked) {
    return Error{request.when_locked, "the " + what + " is blocked", ""};
  }
  TS_CHECK(allow_last_try(request.tries, what, terminal));
  forbid_core_dumps();
  TS_TRY(auto given, from_sources(sources_of(request)));
  if (given) return *std::move(given);
  return from_terminal(request.noun, request.device, what + ": ", request.may_be_empty, terminal);
}

Result<Secret> obtain_new_secret(const SecretRequest& request, Terminal& terminal) {
  forbid_core_dumps();
  TS_TRY(auto given, from_sources(sources_of(request)));
  if (given) return *std::move(given);
  const std::string prompt = request.noun + " for " + request.device;
  TS_TRY(Secret first, from_terminal(request.noun, request.device, prompt + ": ", false, terminal));
  TS_TRY(const Secret second,
         from_terminal(request.noun, request.device, prompt + ", again: ", false, terminal));
  if (first.reveal() == second.reveal()) return first;
  return Error{Code::device_pin_unfit, "what was typed the second time is not the same", ""};
}

}  // namespace touchstone::cli
