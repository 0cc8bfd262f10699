// A summary in GitHub's Markdown, for a job's page or a comment.
//
// Whatever came from outside stands in code, inline or fenced, where Markdown has no meaning: no
// link, image, heading, HTML or mention. Below 1 MiB, which is what GitHub takes; what is left out
// then is said.
#pragma once

#include <string>

#include "judge/verdict.h"

namespace touchstone::report {

std::string to_markdown(const judge::Report& report);

}  // namespace touchstone::report
