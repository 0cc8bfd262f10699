#include "formats/provenance.h"

#include <array>

#include "base/text.h"
#include "formats/json_fields.h"
#include "formats/predicate_time.h"
#include "formats/source_uri.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view delegators = "https://github.com/slsa-framework/slsa-github-generator/";

using Source = Provenance::Source;

// One of the ways in which a source is named; none when `uri` is empty.
Result<Source> named(std::string_view uri, std::string_view ref, std::string_view commit) {
  Source source;
  if (uri.empty()) return source;
  TS_TRY(const SourceUri parsed, SourceUri::parse(uri));
  if (!ref.empty() && !parsed.ref.empty() && parsed.ref != ref) {
    return Error{Code::format_json, "the source has two refs that differ", ""};
  }
  source.uri = parsed.place;
  source.ref = ref.empty() ? parsed.ref : std::string(ref);
  source.commit = commit;
  return source;
}

// GitHub's and Google's {"repository", "ref", "path"}.
Result<Source> repository_source(const Fields& fields) {
  TS_TRY(const std::string uri, fields.string("repository"));
  TS_TRY(const std::string ref, fields.string_or("ref", ""));
  TS_TRY(Source source, named(uri, ref, ""));
  TS_TRY(source.path, fields.string_or("path", ""));
  return source;
}

// A resource descriptor, with a path beside it: BuildKit's, and v0.2's.
Result<Source> descriptor_source(const Fields& fields) {
  TS_TRY(const auto resource, ResourceDescriptor::read(fields));
  TS_TRY(const std::string ref, fields.string_or("ref", ""));
  TS_TRY(const std::string path, fields.string_or("path", ""));
  TS_TRY(Source source, named(resource.uri, ref, resource.commit()));
  TS_TRY(source.path, fields.string_or("entryPoint", path));
  return source;
}

Result<Source> repository_member(const Fields& parameters, std::string_view name) {
  TS_TRY(const Fields fields, parameters.object(name));
  return repository_source(fields);
}

// GitLab writes a text where others write a descriptor.
Result<Source> source_member(const Fields& parameters, std::string_view name) {
  const std::string* text = parameters.json().find(name)->string();
  if (text != nullptr) return named(*text, "", "");
  TS_TRY(const Fields fields, parameters.object(name));
  return descriptor_source(fields);
}

Result<Source> plain_members(const Fields& parameters, std::string_view) {
  return repository_source(parameters);
}

struct Shape {
  std::string_view member;
  Result<Source> (*read)(const Fields& parameters, std::string_view member);
};
constexpr std::array<Shape, 6> shapes = {{{"workflow", repository_member},
                                          {"sourceToBuild", repository_member},
                                          {"buildConfigSource", repository_member},
                                          {"source", source_member},
                                          {"configSource", source_member},
                                          {"repository", plain_members}}};

// The source that the external parameters name. Google's build file may come from elsewhere than
// what is built; every other second way must agree.
Result<Source> find_source(const Fields& parameters) {
  Source source;
  for (const Shape& shape : shapes) {
    if (!parameters.has(shape.member)) continue;
    if (shape.member == "buildConfigSource" && parameters.has("sourceToBuild")) continue;
    TS_TRY(Source other, shape.read(parameters, shape.member));
    if (other.uri.empty()) continue;
    if (!source.uri.empty() && (other.uri != source.uri || other.ref != source.ref)) {
      return parameters.error(shape.member, "the source is named in two ways that differ");
    }
    if (source.uri.empty()) source = std::move(other);
  }
  return source;
}

// Whether a material is the source; its ref where it has one. Materials need not be source code.
bool is_source(const ResourceDescriptor& material, const Source& source) {
  const auto uri = SourceUri::parse(material.uri);
  return uri && uri->place == source.uri && (uri->ref.empty() || uri->ref == source.ref);
}

// GitLab writes the commit as `sha256`, whatever it is.
std::string commit_of(const ResourceDescriptor& material) {
  if (std::string commit = material.commit(); !commit.empty()) return commit;
  const auto found = material.digest.find("sha256");
  return found == material.digest.end() ? "" : found->second;
}

Status find_commit(Provenance& provenance) {
  Source& source = provenance.source;
  for (const ResourceDescriptor& material : provenance.materials) {
    if (!is_source(material, source)) continue;
    const std::string commit = commit_of(material);
    if (commit.empty()) continue;
    if (!source.commit.empty() && source.commit != commit) {
      return Error{Code::format_json, "the source has two commits", ""};
    }
    source.commit = commit;
  }
  return ok();
}

// slsa-github-generator's delegators tell the source by the first of the dependencies alone.
Status delegated_source(Provenance& provenance) {
  if (!provenance.source.uri.empty() || provenance.materials.empty()) return ok();
  if (!provenance.build_type.starts_with(delegators)) return ok();
  const ResourceDescriptor& first = provenance.materials.front();
  TS_TRY(provenance.source, named(first.uri, "", first.commit()));
  return ok();
}

Status read_builder(const Fields& parent, Provenance& provenance) {
  TS_TRY(const Fields builder, parent.object("builder"));
  TS_TRY(provenance.builder_id, builder.string("id"));
  if (provenance.builder_id.empty()) return builder.error("id", "is empty");
  return ok();
}

Status read_times(const Fields& parent, std::string_view started, std::string_view finished,
                  Provenance& provenance) {
  TS_TRY(const auto metadata, parent.optional_object("metadata"));
  if (!metadata) return ok();
  TS_TRY(provenance.started, optional_time(*metadata, started));
  TS_TRY(provenance.finished, optional_time(*metadata, finished));
  return ok();
}

Result<Provenance> read_v1(const Fields& fields) {
  Provenance provenance;
  TS_TRY(const Fields definition, fields.object("buildDefinition"));
  TS_TRY(const Fields details, fields.object("runDetails"));
  TS_CHECK(read_builder(details, provenance));
  TS_CHECK(read_times(details, "startedOn", "finishedOn", provenance));
  TS_TRY(provenance.build_type, definition.string("buildType"));
  TS_TRY(provenance.materials, ResourceDescriptor::read_list(definition, "resolvedDependencies"));
  TS_TRY(const auto parameters, definition.optional_object("externalParameters"));
  if (parameters) {
    provenance.parameters = parameters->json();
    TS_TRY(provenance.source, find_source(*parameters));
  }
  TS_CHECK(delegated_source(provenance));
  TS_CHECK(find_commit(provenance));
  return provenance;
}

Result<Provenance> read_v02(const Fields& fields) {
  Provenance provenance;
  TS_CHECK(read_builder(fields, provenance));
  TS_CHECK(read_times(fields, "buildStartedOn", "buildFinishedOn", provenance));
  TS_TRY(provenance.build_type, fields.string("buildType"));
  TS_TRY(provenance.materials, ResourceDescriptor::read_list(fields, "materials"));
  TS_TRY(const auto invocation, fields.optional_object("invocation"));
  if (!invocation) return provenance;
  TS_TRY(const auto parameters, invocation->optional_object("parameters"));
  if (parameters) provenance.parameters = parameters->json();
  TS_TRY(const auto config_source, invocation->optional_object("configSource"));
  if (config_source) {
    TS_TRY(provenance.source, descriptor_source(*config_source));
  }
  TS_CHECK(find_commit(provenance));
  return provenance;
}

Result<Provenance> read(std::string_view predicate_type, const Json& predicate) {
  TS_TRY(const Fields fields, Fields::of(predicate, "predicate"));
  if (predicate_type == provenance_v1) return read_v1(fields);
  if (predicate_type == provenance_v02) return read_v02(fields);
  return Error{Code::format_json, "\"" + printable(predicate_type) + "\" is not read", ""};
}

}  // namespace

bool Provenance::is_type(std::string_view predicate_type) {
  return predicate_type == provenance_v1 || predicate_type == provenance_v02;
}

Result<Provenance> Provenance::parse(std::string_view predicate_type, const Json& predicate) {
  auto provenance = read(predicate_type, predicate);
  if (provenance) return provenance;
  return in_context(std::move(provenance).error(), Code::predicate_malformed, "provenance");
}

}  // namespace touchstone::formats
