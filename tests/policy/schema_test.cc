#include "policy/schema.h"

#include <catch2/catch.hpp>
#include <set>

#include "policy/grammar.h"

namespace touchstone::policy {
namespace {

using formats::Json;

void collect_references(const Json& value, std::set<std::string>& names) {
  if (const auto* array = value.array()) {
    for (const Json& each : *array) collect_references(each, names);
  }
  if (const auto* object = value.object()) {
    for (const auto& [name, member] : *object) {
      if (name == "$ref" && member.string() != nullptr) names.insert(*member.string());
      collect_references(member, names);
    }
  }
}

}  // namespace

TEST_CASE("the schema has every key that the reader knows, and no other", "[schema]") {
  const Json made = schema();
  for (const ObjectKind& kind : object_kinds()) {
    CAPTURE(kind.name);
    const Json* defined = kind.name == "policy" ? &made : made.find("$defs")->find(kind.name);
    REQUIRE(defined != nullptr);
    CHECK(defined->find("additionalProperties")->boolean() != nullptr);
    const auto* properties = defined->find("properties")->object();
    REQUIRE(properties != nullptr);
    CHECK(properties->size() == kind.keys.size());
    for (const Key& key : kind.keys) CHECK(defined->find("properties")->find(key.name) != nullptr);
  }
  const Json& requirement = made.find("$defs")->find("requirement")->find("anyOf")->array()->at(1);
  CHECK(requirement.find("properties")->object()->size() == requirement_keys().size());
}

TEST_CASE("all that the schema refers to is defined, and used", "[schema]") {
  const Json made = schema();
  std::set<std::string> used;
  collect_references(made, used);
  for (const std::string& name : used) {
    REQUIRE(name.starts_with("#/$defs/"));
    CHECK(made.find("$defs")->find(name.substr(8)) != nullptr);
  }
  CHECK(used.size() == made.find("$defs")->object()->size());
}

}  // namespace touchstone::policy
