// Things that attestations point to.
//
// Spec: in-toto Attestation Framework v1, resource_descriptor.md; SLSA v0.2's ConfigSource and
// materials have the same two members.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/json_fields.h"

namespace touchstone::formats {

struct ResourceDescriptor {
  std::string uri = {};
  std::map<std::string, std::string> digest = {};  // algorithm to hex, as written

  // The git commit: its `gitCommit`, or `sha1`, as older writers have it; empty without either.
  std::string commit() const;

  // Errors: format.json, limit.count.
  static Result<ResourceDescriptor> read(const Fields& fields);
  static Result<std::vector<ResourceDescriptor>> read_list(const Fields& parent,
                                                           std::string_view name);
  Json to_json() const;
};

}  // namespace touchstone::formats
