// Policies of other programs, said in ours as far as they can be.
//
// notation: the Notary Project's trust policy (trustpolicy.json, version 1.0). containers: the
// policy.json of podman, skopeo and CRI-O (containers-policy.json(5)). cluster_image_policy:
// ClusterImagePolicy of sigstore's policy-controller (v1alpha1, v1beta1), several in one file.
//
// What cannot be said becomes `deny`, never something looser, and a note tells it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::policy {

enum class Foreign : std::uint8_t { notation, containers, cluster_image_policy };

struct Translation {
  std::string text;                   // a policy of ours, with the notes as comments
  std::vector<std::string> notes;     // what could not be said, one line each, safe to show
  std::map<std::string, Bytes> keys;  // that stood in the policy: the files that the text names
};

struct TranslateOptions {
  std::string keys_folder = {};  // where the text has such keys lie; with none they cannot be said
  // That signatures count which name another repository than the image's: ours are not asked.
  bool any_repository = false;
};

// Errors: policy.foreign, limit.*.
Result<Translation> translate(Foreign kind, ByteView text, const TranslateOptions& options);

}  // namespace touchstone::policy
