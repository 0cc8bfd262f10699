// How an image is trusted, as a picture: from the image to its signatures, from each to the key or
// certificate that made it, on to the device that holds the key or to who vouched for its holder,
// and to the root that decides.
#pragma once

#include <string>

#include "judge/verdict.h"

namespace touchstone::report {

// An <svg> to stand in an HTML page: no script, no style of its own, nothing loaded. Evidence that
// counts comes first; at most eight pieces are drawn. Empty where there is none. The classes that
// it uses are styled by the page.
std::string chain_picture(const judge::ImageVerdict& image);

}  // namespace touchstone::report
