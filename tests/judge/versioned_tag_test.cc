// Tags that are versions, and how exactly they are meant.
#include "judge/versioned_tag.h"

#include <catch2/catch.hpp>
#include <string>

namespace touchstone::judge {

TEST_CASE("a tag fits a version as far as that is spelled out", "[versioned-tag]") {
  struct Row {
    std::string wanted;
    std::string tag;
    bool fits;
  };
  const auto row = GENERATE(values<Row>({
      {"v1", "v1.2.3", true},
      {"v1", "v1.2", true},
      {"v1", "v1", true},
      {"v10", "v10.2.3", true},
      {"v1.2", "v1.2.3", true},
      {"v1.2", "v1.2.3-rc.1", true},
      {"v1.2.3", "v1.2.3", true},
      {"v1.2.3", "v1.2.3+build.7", true},
      {"v1.2.3+other", "v1.2.3", true},
      {"v1.2.3-rc.1", "v1.2.3-rc.1", true},
      {"v0.0.0", "v0.0.0", true},
      {"v1", "v2.0.0", false},
      {"v1", "v10.0.0", false},
      {"v1.2", "v1.20.0", false},
      {"v1.2", "v1.3.0", false},
      {"v1.2", "v1", false},
      {"v1.2.3", "v1.2", false},
      {"v1.2.3", "v1.2.4", false},
      {"v1.2.3", "v1.2.3-rc.1", false},
      {"v1.2.3-rc.1", "v1.2.3", false},
      {"v1.2.3-rc.1", "v1.2.3-rc.2", false},
      {"v1", "1.2.3", false},
      {"1", "v1.2.3", false},
      {"v1", "v1.2.3.4", false},
      {"v1.2.3.4", "v1.2.3.4", false},
      {"v1", "v1.02.3", false},
      {"v1", "v1.x.3", false},
      {"v1", "v1..3", false},
      {"v", "v", false},
      {"", "", false},
      {"v1", "v1.2-rc", false},
      {"v1-rc", "v1-rc", false},
      {"v1", "v1.2.3-", false},
      {"v1", "v1.2.3-a..b", false},
      {"v1", "v1.2.3-a_b", false},
      {"v1", "v1.2.3+", false},
      {"v1", "v1.2.3+a/b", false},
      {"v1", "v1.2.3 ", false},
      {"v1", "vv1.2.3", false},
  }));
  CAPTURE(row.wanted, row.tag);
  CHECK(fits_version(row.wanted, row.tag) == row.fits);
}

}  // namespace touchstone::judge
