#include "policy/foreign.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/hash.h"
#include "tests/policy/policy_text.h"

namespace touchstone::policy {
namespace {

// The policy that a foreign one becomes, read back. Roots of the store and files are made up.
struct ReadBack {
  Translation made;
  Document document;

  const Rule& rule(const std::string& image) const {
    return rule_for(document, *Reference::parse(image),
                    *Digest::parse("sha256:" + std::string(64, 'a')));
  }
  bool notes(std::string_view part) const {
    for (const std::string& note : made.notes) {
      if (note.contains(part)) return made.text.contains("# " + note);
    }
    return false;
  }
};

ReadBack translated(Foreign kind, const std::string& text, const TranslateOptions& options = {}) {
  auto made = translate(kind, as_bytes(text), options);
  if (!made) FAIL(made.error().message);
  Materials materials = test::world().materials();
  materials.file = [&](const std::string& path) -> Result<Bytes> {
    const auto found = made->keys.find(path);
    return found == made->keys.end() ? test::world().files.at("bob.pub") : found->second;
  };
  const auto stored = materials.root;
  materials.root = [&](const std::string& name) -> Result<trust::Root> {
    if (name == "sigstore") return stored(name);
    trust::Root root{name, {}};
    root.certificates.push_back(
        {crypto::Certificate::from_file(test::world().files.at("ca.pem"))->front(),
         "",
         {},
         {},
         ""});
    return root;
  };
  auto document = read(as_bytes(made->text), "made", materials, test::now);
  if (!document) FAIL(document.error().message << "\n" << made->text);
  return {*std::move(made), *std::move(document)};
}

std::string json_key() {
  std::string pem(as_text(test::world().files.at("alice.pub")));
  std::string out;
  for (const char c : pem) out += c == '\n' ? std::string("\\n") : std::string(1, c);
  return out;
}

std::string cluster_policy(const std::string& spec) {
  return "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: "
         "shop}\nspec: {images: "
         "[{glob: \"r.example.com/**\"}], " +
         spec + "}\n";
}

std::string kind_of(const ReadBack& back, const std::string& image) {
  return std::string(kind_name(back.rule(image).require));
}

}  // namespace

TEST_CASE("notation's trust policy is said in ours", "[foreign]") {
  const ReadBack back = translated(Foreign::notation, R"({"version": "1.0", "trustPolicies": [
    {"name": "images", "registryScopes": ["r.example.com/app", "r.example.com/api"],
     "signatureVerification": {"level": "strict"}, "trustStores": ["ca:acme", "tsa:clock"], "trustedIdentities": ["*"]},
    {"name": "named", "registryScopes": ["r.example.com/named"], "signatureVerification": {"level": "audit"},
     "trustStores": ["ca:acme"], "trustedIdentities": ["x509.subject: C=US, O=Acme"]},
    {"name": "free", "registryScopes": ["r.example.com/free"], "signatureVerification": {"level": "skip"}}]})");
  CHECK(kind_of(back, "r.example.com/app:1") == "signatures");
  CHECK(std::get<Signatures>(back.rule("r.example.com/api").require.kind)
            .signer.demand.authorities.size() == 1);
  CHECK(kind_of(back, "r.example.com/named") == "deny");
  CHECK(back.rule("r.example.com/named").mode == Mode::audit);
  CHECK(kind_of(back, "r.example.com/free") == "allow");
  CHECK(kind_of(back, "other.example.com/app") == "deny");
  CHECK(back.notes("tsa:clock"));
  CHECK(back.notes("distinguished names"));
  CHECK(back.notes("Notary Project"));
}

TEST_CASE("containers' policy.json is said in ours", "[foreign]") {
  const ReadBack back =
      translated(Foreign::containers, R"({"default": [{"type": "insecureAcceptAnything"}],
    "transports": {"docker": {
      "r.example.com": [{"type": "reject"}],
      "r.example.com/prod": [{"type": "sigstoreSigned", "keyPath": "/etc/keys/a.pub"}],
      "r.example.com/gpg": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/x"}],
      "r.example.com/log": [{"type": "sigstoreSigned", "keyPath": "/etc/keys/a.pub", "rekorPublicKeyPath": "/y"}],
      "r.example.com/both": [{"type": "sigstoreSigned", "keyPath": "/etc/keys/a.pub"}, {"type": "reject"}],
      "r.example.com/one:tag": [{"type": "insecureAcceptAnything"}],
      "*.example.org": [{"type": "insecureAcceptAnything"}]},
     "docker-daemon": {"": [{"type": "reject"}]}}})",
                 {"", true});
  CHECK(kind_of(back, "r.example.com/x") == "deny");
  CHECK(kind_of(back, "r.example.com/prod/a:1") == "signatures");
  CHECK(kind_of(back, "r.example.com/gpg/a") == "deny");
  CHECK(kind_of(back, "r.example.com/log/a") == "deny");
  CHECK(kind_of(back, "r.example.com/both/a") == "all_of");
  CHECK(kind_of(back, "r.example.com/one:tag") == "allow");
  CHECK(kind_of(back, "r.example.com/one:other") == "deny");
  CHECK(kind_of(back, "a.example.org/x") == "allow");
  CHECK(kind_of(back, "debian") == "allow");
  CHECK(kind_of(back, "oci-layout:/x:y") == "allow");
  CHECK(back.notes("GPG"));
  CHECK(back.notes("transport \"docker-daemon\""));
  CHECK(back.notes("signedIdentity"));
}

TEST_CASE("the repository that a signature names is not compared: denied unless told",
          "[foreign]") {
  const std::string text = R"({"default": [{"type": "sigstoreSigned", "keyPath": "/a.pub"}]})";
  const ReadBack strict = translated(Foreign::containers, text);
  CHECK(kind_of(strict, "debian") == "deny");
  CHECK(strict.notes("--any-repository"));
  const ReadBack told = translated(Foreign::containers, text, {"", true});
  CHECK(kind_of(told, "debian") == "signatures");
}

TEST_CASE("what cannot be said of containers' policy never makes it looser", "[foreign]") {
  struct Row {
    const char* why;
    const char* transports;
    const char* registries;  // of an image that no scope names
    const char* layouts;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"nothing else", R"({})", "allow", "allow"},
      {"hosts with two labels more", R"({"docker": {"*.example.org": [{"type": "reject"}]}})",
       "deny", "allow"},
      {"a scope without a pattern", R"({"docker": {"R.example.org": [{"type": "reject"}]}})",
       "deny", "allow"},
      {"the same as all others",
       R"({"docker": {"R.example.org": [{"type": "insecureAcceptAnything"}]}})", "allow", "allow"},
      {"all of the registries", R"({"docker": {"": [{"type": "reject"}]}})", "deny", "allow"},
      {"all layouts", R"({"oci": {"": [{"type": "reject"}]}})", "allow", "deny"},
      {"some layouts", R"({"oci": {"/images": [{"type": "reject"}]}})", "allow", "deny"},
      {"some layouts as all others",
       R"({"oci": {"/images": [{"type": "insecureAcceptAnything"}]}})", "allow", "allow"},
  }));
  CAPTURE(row.why);
  const ReadBack back =
      translated(Foreign::containers, R"({"default": [{"type": "insecureAcceptAnything"}],)"
                                      R"("transports": )" +
                                          std::string(row.transports) + "}");
  CHECK(kind_of(back, "a.b.example.org/x") == row.registries);
  CHECK(kind_of(back, "oci-layout:/x:y") == row.layouts);
}

TEST_CASE("a ClusterImagePolicy is said in ours", "[foreign]") {
  const std::string key = "{key: {data: \"" + json_key() + "\"}}";
  struct Row {
    const char* why;
    std::string spec;
    const char* kind;
    const char* note = "";
  };
  const auto row = GENERATE_COPY(Catch::Generators::values<Row>({
      {"a key", "authorities: [" + key + "]", "signatures"},
      {"one of two", "authorities: [" + key + ", {static: {action: fail}}]", "any_of"},
      {"a keyless identity",
       "authorities: [{keyless: {url: \"https://fulcio.sigstore.dev\", identities: "
       "[{issuer: \"https://i.example\", subject: a@b.example}]}}]",
       "signatures"},
      {"one of two identities",
       "authorities: [{keyless: {identities: [{issuer: \"https://i.example\", subject: "
       "a@b.example}, "
       "{issuer: \"https://i.example\", subjectRegExp: \"[a-c]@b[.]example\"}]}}]",
       "any_of", "whole name"},
      {"a loose identity",
       "authorities: [{keyless: {identities: [{issuer: \"https://i.example\", subjectRegExp: "
       "\".*\"}]}}]",
       "deny", "too loose"},
      {"an identity without an issuer",
       "authorities: [{keyless: {identities: [{subject: a@b.example}]}}]", "deny", "lacks"},
      {"anybody", "authorities: [{keyless: {url: \"https://fulcio.sigstore.dev\"}}]", "deny",
       "anybody"},
      {"an instance of one's own", "authorities: [{keyless: {url: \"https://fulcio.example\"}}]",
       "deny", "trusted_root"},
      {"a key in a secret", "authorities: [{key: {secretRef: {name: x}}}]", "deny", "secret"},
      {"attestations",
       "authorities: [{key: {data: \"" + json_key() +
           "\"}, attestations: [{name: a, predicateType: vuln}]}]",
       "predicate"},
      {"attestations with CUE",
       "authorities: [{key: {data: \"" + json_key() +
           "\"}, attestations: [{name: a, predicateType: vuln, policy: {type: cue, data: x}}]}]",
       "deny", "CUE"},
      {"a policy in Rego", "policy: {type: rego}, authorities: [" + key + "]", "deny", "Rego"},
      {"a fixed answer", "authorities: [{static: {action: pass}}]", "allow"},
      {"nobody", "authorities: []", "deny", "no authority"},
      {"a log",
       "authorities: [{key: {data: \"" + json_key() +
           "\"}, ctlog: {url: \"https://rekor.sigstore.dev\"}}]",
       "signatures"},
      {"resources", "match: [{resource: pods}], authorities: [" + key + "]", "signatures", "match"},
  }));
  CAPTURE(row.why);
  const ReadBack back =
      translated(Foreign::cluster_image_policy, cluster_policy(row.spec), {"keys"});
  CAPTURE(back.made.text);
  CHECK(kind_of(back, "r.example.com/a/b") == row.kind);
  CHECK(kind_of(back, "debian") == "deny");
  if (*row.note != '\0') CHECK(back.notes(row.note));
}

TEST_CASE("a key that stands in a policy needs a folder, and a log is demanded", "[foreign]") {
  const std::string text = cluster_policy("mode: warn, authorities: [{key: {data: \"" + json_key() +
                                          "\"}, ctlog: {url: \"https://rekor.sigstore.dev\"}}]");
  const ReadBack without = translated(Foreign::cluster_image_policy, text);
  CHECK(kind_of(without, "r.example.com/a") == "deny");
  CHECK(without.notes("--keys"));
  const ReadBack with = translated(Foreign::cluster_image_policy, text, {"keys"});
  REQUIRE(with.made.keys.size() == 1);
  const Bytes& key = test::world().files.at("alice.pub");
  const std::string hash = crypto::digest_of(key).hex().substr(0, 16);
  CHECK(with.made.keys.at("keys/key-" + hash + ".pem") == key);
  CHECK(with.rule("r.example.com/a").mode == Mode::audit);
  CHECK(std::get<Signatures>(with.rule("r.example.com/a").require.kind).signer.demand.require_log);
}

namespace {

// A ClusterImagePolicy of this name, for these patterns, that wants an attestation of this name.
std::string cluster(const std::string& name, const std::string& globs,
                    const std::string& more = "") {
  std::string images;
  for (const std::string_view glob : split(globs, ' ')) {
    images += "{glob: \"" + std::string(glob) + "\"}, ";
  }
  return "---\nkind: ClusterImagePolicy\nmetadata: {name: " + name + "}\nspec: {" + more +
         "images: [" + images.substr(0, images.size() - 2) + "], authorities: [{key: {data: \"" +
         json_key() + "\"}, attestations: [{name: a, predicateType: \"https://t.example/" + name +
         "\"}]}]}\n";
}

// Which of them an image is asked by: "a b".
std::string asked(const ReadBack& back, const std::string& image) {
  const Requirement& require = back.rule(image).require;
  const auto* all = std::get_if<AllOf>(&require.kind);
  std::string names;
  for (const Requirement& part : all != nullptr ? all->parts : std::vector{require}) {
    const auto* check = std::get_if<PredicateCheck>(&part.kind);
    if (check == nullptr) return std::string(kind_name(part));
    names += (names.empty() ? "" : " ") + check->type.substr(check->type.rfind('/') + 1);
  }
  return names;
}

ReadBack clusters(const std::string& text) {
  return translated(Foreign::cluster_image_policy, text, {"keys"});
}

}  // namespace

TEST_CASE("all ClusterImagePolicies that match an image are asked", "[foreign]") {
  struct Row {
    const char* why;
    std::string a;
    std::string b;
    const char* image;
    const char* asked;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"apart", "r.example.com/a/**", "r.example.com/b/**", "r.example.com/a/x", "a"},
      {"the same pattern", "r.example.com/**", "r.example.com/**", "r.example.com/x", "a b"},
      {"inside the other", "r.example.com/**", "r.example.com/prod/**", "r.example.com/prod/x",
       "a b"},
      {"outside the inner one", "r.example.com/**", "r.example.com/prod/**", "r.example.com/x",
       "a"},
      {"around the other", "r.example.com/prod/**", "**", "r.example.com/prod/x", "a b"},
      {"where they overlap", "r.example.com/*/app", "r.example.com/prod/*",
       "r.example.com/prod/app", "a b"},
      {"beside where they overlap: not looser", "r.example.com/*/app", "r.example.com/prod/*",
       "r.example.com/test/app", "a b"},
      {"patterns that tie", "r.example.com/x-*", "r.example.com/*-x", "r.example.com/x-x", "a b"},
      {"one of several patterns", "r.example.com/x r.example.com/y", "r.example.com/y",
       "r.example.com/x", "a"},
      {"the other of them", "r.example.com/x r.example.com/y", "r.example.com/y", "r.example.com/y",
       "a b"},
      {"a pattern that cannot be said", "gcr.io*/**", "r.example.com/**", "r.example.com/x", "a b"},
      {"that alone", "gcr.io*/**", "r.example.com/**", "gcr.io/x", "deny"},
  }));
  CAPTURE(row.why);
  const ReadBack back = clusters(cluster("a", row.a) + cluster("b", row.b));
  CAPTURE(back.made.text);
  CHECK(asked(back, row.image) == row.asked);
  if (row.a.starts_with("gcr")) CHECK(back.notes("gcr.io*/**"));
}

TEST_CASE("a chain of patterns that tie is one rule", "[foreign]") {
  const ReadBack back =
      clusters(cluster("a", "r.example.com/xx-*") + cluster("b", "r.example.com/*-yy") +
               cluster("c", "r.example.com/zz-*"));
  CHECK(asked(back, "r.example.com/xx-a") == "a b c");
  CHECK(back.document.rules.size() == 2);
}

TEST_CASE("a ClusterImagePolicy that warns says nothing where another enforces", "[foreign]") {
  const std::string warns = "mode: warn, ";
  const ReadBack one =
      clusters(cluster("a", "r.example.com/**") + cluster("b", "r.example.com/prod/**", warns));
  CHECK(asked(one, "r.example.com/prod/x") == "a");
  CHECK(one.rule("r.example.com/prod/x").mode == Mode::enforce);
  CHECK(one.notes("\"b\" only warns"));
  const ReadBack both = clusters(cluster("a", "r.example.com/**", warns) +
                                 cluster("b", "r.example.com/prod/**", warns));
  CHECK(asked(both, "r.example.com/prod/x") == "a b");
  CHECK(both.rule("r.example.com/prod/x").mode == Mode::audit);
}

TEST_CASE("patterns that are too many to compare are refused", "[foreign]") {
  std::string globs = "r.example.com/a0";
  for (int i = 1; i < 600; ++i) globs += " r.example.com/a" + std::to_string(i);
  std::string others = "r.example.com/b0";
  for (int i = 1; i < 600; ++i) others += " r.example.com/b" + std::to_string(i);
  const auto made = translate(Foreign::cluster_image_policy,
                              as_bytes(cluster("a", globs) + cluster("b", others)), {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::policy_foreign);
}

TEST_CASE("what is no policy of the kind is refused", "[foreign]") {
  struct Row {
    const char* why;
    Foreign kind;
    const char* text;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"no JSON", Foreign::notation, "x"},
      {"a list", Foreign::notation, "[]"},
      {"no policies", Foreign::notation, "{}"},
      {"no level", Foreign::notation,
       R"({"trustPolicies": [{"name": "a", "registryScopes": ["*"]}]})"},
      {"no default", Foreign::containers, "{}"},
      {"an empty default", Foreign::containers, R"({"default": []})"},
      {"a default without a type", Foreign::containers, R"({"default": [{}]})"},
      {"transports that are a list", Foreign::containers,
       R"({"default": [{"type": "reject"}], "transports": []})"},
      {"no YAML", Foreign::cluster_image_policy, "a: ["},
      {"nothing", Foreign::cluster_image_policy, ""},
      {"another kind", Foreign::cluster_image_policy, "kind: Pod\nmetadata: {name: a}\nspec: {}\n"},
      {"no name", Foreign::cluster_image_policy, "kind: ClusterImagePolicy\nspec: {}\n"},
  }));
  CAPTURE(row.why);
  const auto made = translate(row.kind, as_bytes(row.text), {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::policy_foreign);
}

}  // namespace touchstone::policy
