#include "cli/shared/policy_loading.h"

#include "base/files.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/shared/demand_options.h"
#include "cli/shared/system.h"
#include "policy/open.h"
#include "trust/built_in.h"
#include "trust/folder_store.h"

namespace touchstone::cli {
namespace {

constexpr const char* system_policy = "/etc/touchstone/policy.yaml";

std::string users_policy() {
  const std::string below = "/touchstone/policy.yaml";
  if (const auto xdg = environment("XDG_CONFIG_HOME")) return *xdg + below;
  if (const auto home = environment("HOME")) return *home + "/.config" + below;
  return "";
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

Result<trust::Root> stored_root(const std::string& name, const std::string& trust_folder,
                                const Clock& clock) {
  if (const auto built_in = trust::built_in_root(name)) {
    TS_TRY(auto read, trust::read_built_in(*built_in));
    trust::TrustedInstanceRoot instance{std::make_shared<formats::TrustedRoot>(std::move(read)),
                                        to_bytes(*built_in),
                                        "",
                                        {},
                                        {},
                                        ""};
    trust::Root root{name, {}};
    root.instances.push_back(std::move(instance));
    return root;
  }
  trust::FolderStore folder(trust_folder, clock);
  return trust::TrustStore(folder, clock).load(name);
}

}  // namespace

policy::Materials materials_of(const std::string& file, const std::string& trust_folder,
                               const Clock& clock) {
  return {[folder = folder_of(file)](const std::string& path) {
            return read_trusted_file(path.starts_with('/') ? path : folder + path,
                                     limits::max_trust_file_bytes);
          },
          [trust_folder, &clock](const std::string& name) {
            return stored_root(name, trust_folder, clock);
          }};
}

Result<std::string> policy_file(const std::string& named) {
  if (!named.empty()) return named;
  const std::string users = users_policy();
  // One that is there and cannot be used must not be passed over for another.
  if (!users.empty() && is_there(users)) return users;
  if (is_there(system_policy)) return std::string(system_policy);
  return Error{Code::usage_no_trust,
               "nothing was given to judge the image by, and no policy is at " +
                   (users.empty() ? "" : printable(users) + " or ") + system_policy,
               "give --policy FILE, --key FILE or --root NAME"};
}

Result<policy::Document> open_policy(const std::string& file, const std::string& trust_folder,
                                     const std::vector<std::string>& keys, const Clock& clock) {
  std::vector<crypto::PublicKey> signers;
  for (const std::string& name : keys) {
    auto key = read_public_key_file(name);
    if (!key) {
      return Error{key.error().code, "key \"" + printable(name) + "\": " + key.error().message,
                   key.error().hint};
    }
    signers.push_back(*std::move(key));
  }
  policy::SerialFile serials(trust_folder + "/.policy-serials.json");
  TS_TRY(const Bytes text, read_trusted_file(file, policy::max_file_bytes));
  return policy::open(text, printable(file), materials_of(file, trust_folder, clock), clock.now(),
                      {signers, signers.empty() ? nullptr : &serials});
}

Result<policy::Document> read_policy(const std::string& file, const std::string& trust_folder,
                                     const Clock& clock) {
  TS_TRY(const Bytes text, read_trusted_file(file, policy::max_file_bytes));
  if (policy::is_signed(text)) {
    return Error{Code::policy_signature,
                 printable(file) + ": it is signed, and read here before it is",
                 "give the text that was signed"};
  }
  return policy::read(text, printable(file), materials_of(file, trust_folder, clock), clock.now());
}

}  // namespace touchstone::cli
