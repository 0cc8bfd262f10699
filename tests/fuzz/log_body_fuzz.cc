#include "formats/log_entry.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  (void)formats::LogEntry::parse_annotation(as_text(input));
  for (const auto& [kind, version] :
       {std::pair("hashedrekord", "0.0.1"), std::pair("hashedrekord", "0.0.2"),
        std::pair("dsse", "0.0.1"), std::pair("intoto", "0.0.2"), std::pair("intoto", "0.0.1")}) {
    formats::LogEntry entry;
    entry.kind = kind;
    entry.version = version;
    entry.body = Bytes(input.begin(), input.end());
    const auto body = formats::LogBody::parse(entry);
    if (body) fuzz::require(!body->digest.empty());
  }
}
