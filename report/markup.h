// Text in XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace touchstone::report {

// Fit for an element or a quoted attribute of XML 1.0 and of HTML: what printable() leaves, with
// & < > " ' written as references. XML 1.0 has no other characters than printable() leaves.
std::string markup_text(std::string_view text);

}  // namespace touchstone::report
