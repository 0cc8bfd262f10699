// The images that a build pulls, as its Dockerfile names them.
//
// Spec: the Dockerfile reference, and BuildKit's parser where that is silent. Read are FROM (with
// its arguments' defaults, --platform and stages), COPY --from=, RUN --mount=from=, the same behind
// ONBUILD, and `# syntax=`, whose image runs the build; heredocs, continued lines and the directive
// `escape` are followed, so that what is no instruction is taken for none. A stage of the same file
// and `scratch` are no images.
//
// Refused: a variable without a value, forms of ${...} but :-, -, :+ and +; a variable in --from; a
// stage's number that there is none of yet; no FROM; a heredoc without an end.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "formats/named_images.h"

namespace touchstone::formats {

// `arguments`: as `docker build --build-arg` gives them. Errors: format.file.
Result<NamedImages> read_dockerfile(std::string_view text,
                                    const std::map<std::string, std::string>& arguments);

}  // namespace touchstone::formats
