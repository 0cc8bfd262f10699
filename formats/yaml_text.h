// What is looked at in a YAML text before it is parsed: what a dialect does not have in any place,
// and what would cost the parser more than it is worth.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/yaml.h"

namespace touchstone::formats {

enum class YamlDialect : std::uint8_t { restricted, general };

Error yaml_error(TextPlace place, const std::string& why, Code code = Code::format_file);

// Errors: format.file, limit.count, limit.size.
Status check_yaml_text(std::string_view text, YamlDialect dialect);

}  // namespace touchstone::formats
