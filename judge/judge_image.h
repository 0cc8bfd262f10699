// One image from reference to verdict under a policy. The part that reads registries.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/reference.h"
#include "judge/decide.h"
#include "oci/repository.h"

namespace touchstone::judge {

struct JudgeOptions {
  std::optional<formats::Platform> platform = {};  // the one image of an index
};

// Opens the repository of a base image. Errors: network.*, auth.*, reference.*.
using OpenRepository = std::function<Result<std::shared_ptr<oci::Repository>>(const Reference&)>;

// Fetches what the rule for the image needs, once for all of its requirements and with requests
// that do not depend on each other at once, and decides after each batch, so that a good signature
// early costs no more than itself (but all are looked at where the newest decides). Of an index,
// the platforms that the rule asks for, or the one that `options` names, which is then the image
// that is pinned; manifests that are listed in the index, and none else.
ImageVerdict judge_image(oci::Repository& repository, const Reference& reference,
                         const policy::Document& document, const JudgeOptions& options,
                         const OpenRepository& open, const Clock& clock);

// The verdict on an image whose repository could not even be opened.
ImageVerdict undecided_image(const Reference& reference, const policy::Document& document,
                             Error error);

}  // namespace touchstone::judge
