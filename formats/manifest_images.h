// The images of manifests: of Kubernetes as they are applied, and of Compose files.
//
// Spec: Kubernetes' PodSpec (containers, initContainers, ephemeralContainers, and image volumes),
// wherever in an object it stands: in a Pod, in the template of a workload, in a CronJob's, in a
// List, and in kinds that nobody knows here. Compose's services (image, image volumes, contexts of
// a build).
//
// Refused: documents that are neither; a variable in a Compose file, and parts of one that lie in
// other files (include, extends), because what is run then does not stand there.
#pragma once

#include "base/bytes.h"
#include "formats/named_images.h"

namespace touchstone::formats {

// YAML or JSON, one or more documents. What may be an image, in a place that is none of these, is
// among the unread.
// Errors: format.file, limit.*.
Result<NamedImages> read_manifest_images(ByteView contents);

}  // namespace touchstone::formats
