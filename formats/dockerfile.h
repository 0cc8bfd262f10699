// The images that a build pulls, as its Dockerfile names them.
//
// Spec: the Dockerfile reference, and BuildKit's parser where that is silent. Read are FROM (with
// its arguments' defaults, --platform and stages), COPY --from=, RUN --mount=from=, the same behind
// ONBUILD, and `# syntax=`, whose image runs the build. A stage of the same file and `scratch` are
// no images.
//
// Refused: what dockerfile_lines.h refuses; a variable without a value, forms of ${...} but :-, -,
// :+ and +, values of more than limits::max_dockerfile_value_bytes; a variable in --from; a stage's
// number that there is none of yet; flags with escapes or blanks, or without the `=` that their
// value needs; no FROM.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "formats/named_images.h"

namespace touchstone::formats {

// `arguments`: as `docker build --build-arg` gives them. Errors: format.file, limit.size.
Result<NamedImages> read_dockerfile(std::string_view text,
                                    const std::map<std::string, std::string>& arguments);

}  // namespace touchstone::formats
