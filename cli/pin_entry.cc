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
  if (key.tries == KeyDescription::Tries::last) text += " (last try)";
  if (key.tries == KeyDescription::Tries::low) text += " (few tries left)";
  return text + ": ";
}

Result<Secret> from_terminal(const KeyDescription& key, std::size_t signatures,
                             Terminal& terminal) {
  if (!terminal.present()) {
    return Error{Code::device_pin_needed,
                 "a " + noun(key) + " is needed for " + key.device + ", and nobody can be asked",
                 ""};
  }
  TS_TRY(Secret secret, terminal.ask_secret(prompt(key, signatures)));
  if (secret.empty() && !key.cosign_file) {
    return Error{Code::device_pin_needed, "no " + noun(key) + " was typed; none was tried", ""};
  }
  return secret;
}

Status allow_last_try(const KeyDescription& key, Terminal& terminal) {
  if (key.tries != KeyDescription::Tries::last) return ok();
  if (!terminal.present()) {
    return Error{Code::device_pin_last_try,
                 "one try is left for the PIN of " + key.device + "; it was not used", ""};
  }
  TS_TRY(const bool yes, terminal.confirm("One try is left for the PIN of " + key.device +
                                          ". A wrong PIN blocks it. Go on? (yes/no) "));
  if (yes) return ok();
  return Error{Code::usage_not_confirmed, "the last try for the PIN was not used", ""};
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
  TS_CHECK(allow_last_try(key, terminal));
  forbid_core_dumps();
  const bool may_be_empty = key.cosign_file;
  if (sources.pin_file.starts_with(descriptor_prefix)) {
    return from_descriptor(sources.pin_file, may_be_empty);
  }
  if (!sources.pin_file.empty()) return from_file(sources.pin_file, may_be_empty);
  if (sources.variable) return from_variable(*sources.variable, "TOUCHSTONE_PIN", may_be_empty);
  if (key.cosign_file && sources.cosign_variable) {
    return from_variable(*sources.cosign_variable, "COSIGN_PASSWORD", may_be_empty);
  }
  if (!key.pin_source.empty()) return from_pin_source(key.pin_source);
  return from_terminal(key, sources.signatures, terminal);
}

}  // namespace touchstone::cli
