#include "sign/sign_image.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "crypto/hash.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_device.h"
#include "tests/support/memory_repository.h"
#include "tests/support/signing.h"
#include "verify/examine.h"
#include "verify/verify_image.h"

namespace touchstone::sign {
namespace {

using crypto::KeyKind;
using test::MemoryDevice;
using test::MemoryRepository;

struct World {
  MemoryRepository repository;
  formats::Descriptor image = repository.put_image("app");
  Target target{&repository, image, "registry.example/app@x"};
};

const std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

}  // namespace

TEST_CASE("what is signed and attached is what verify accepts", "[sign]") {
  const auto kind =
      GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa, KeyKind::ed25519);
  World w;
  MemoryDevice device(kind);
  const auto made = sign_image({device, device.key()}, w.image, {{"env", "prod"}});
  REQUIRE(made);
  CHECK(device.signatures == 1);
  REQUIRE(attach(w.target, *made, now));

  verify::Demand demand{{{trust::TrustedKey{device.key(), "", {}, {}, ""}, "key"}},
                        {{"env", "prod"}}};
  const auto reference = Reference::parse("registry.example/app@" + w.image.digest.to_string());
  const test::FixedClock clock{now};
  const auto report = verify::verify_image(w.repository, *reference, demand, {}, clock);
  CHECK(report.decision == verify::Decision::accepted);
}

TEST_CASE("a signature that does not verify leaves the device's hands and goes no further",
          "[sign]") {
  World w;
  MemoryDevice device;
  device.spoil = true;
  const auto made = sign_image({device, device.key()}, w.image, {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::device_signature);

  MemoryDevice swapped;  // another key than the one that was looked at
  CHECK(sign_image({swapped, device.key()}, w.image, {}).error().code == Code::device_signature);
}

TEST_CASE("one signature is of all images that are signed together", "[sign][batch]") {
  World w;
  MemoryDevice device;
  const auto second = w.repository.put_image("second");
  const auto made = sign_images({device, device.key()}, {w.image, second, w.image}, {{"a", "b"}});
  REQUIRE(made);
  CHECK(device.signatures == 1);
  const verify::Demand demand{{{trust::TrustedKey{device.key(), "", {}, {}, ""}, "key"}},
                              {{"a", "b"}}};
  const verify::Candidate candidate{"", made->bundle};
  for (const auto& image : {w.image, second}) {
    CHECK(verify::examine(candidate, verify::Artifact::of(image.digest), demand, now));
  }
  const auto third = w.repository.put_image("third");
  CHECK_FALSE(verify::examine(candidate, verify::Artifact::of(third.digest), demand, now));
}

TEST_CASE("more images than a statement may hold are not signed together", "[sign][batch]") {
  World w;
  MemoryDevice device;
  std::vector<formats::Descriptor> images(limits::max_subjects, w.image);
  for (std::size_t i = 0; i < images.size(); ++i) {
    images[i].digest = crypto::digest_of(as_bytes(std::to_string(i)));
  }
  CHECK(sign_images({device, device.key()}, images, {}));
  images.push_back(w.image);
  const auto refused = sign_images({device, device.key()}, images, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::usage_arguments);
  CHECK(device.signatures == 1);
}

TEST_CASE("the list is written last", "[sign]") {
  World w;
  MemoryDevice device;
  const auto made = sign_image({device, device.key()}, w.image, {});
  REQUIRE(attach(w.target, *made, now));
  REQUIRE(w.repository.log.size() == 3);
  CHECK(w.repository.log[0].starts_with("blob "));
  CHECK(w.repository.log[1].starts_with("blob "));
  CHECK(w.repository.log[2] == "attach to " + w.image.digest.to_string());
  // As cosign writes it, the empty configuration says what it is of.
  CHECK(std::ranges::any_of(w.repository.content, [](const auto& entry) {
    const std::string_view text = as_text(entry.second);
    return text.contains("\"subject\"") &&
           text.contains(
               R"(","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"},"layers")");
  }));
}

TEST_CASE("a push that fails before the end lists nothing", "[sign]") {
  World w;
  MemoryDevice device;
  const auto made = sign_image({device, device.key()}, w.image, {});
  for (const Digest& broken :
       {crypto::digest_of(as_bytes("{}")), crypto::digest_of(made->bundle)}) {
    w.repository.failures.clear();
    w.repository.failures.emplace(broken.to_string(), Error{Code::network_status, "broken", ""});
    const auto pushed = attach(w.target, *made, now);
    REQUIRE_FALSE(pushed);
    CHECK(pushed.error().code == Code::network_status);
    CHECK(w.repository.lists[w.image.digest.to_string()].empty());
  }
}

TEST_CASE("--recursive finds each image of an index once", "[sign][REG-12]") {
  World w;
  const auto index_of = [&](const std::vector<formats::Descriptor>& entries) {
    std::string text = R"({"schemaVersion":2,"manifests":[)";
    for (const auto& entry : entries) {
      text += (text.ends_with('[') ? "" : ",") + MemoryRepository::json(entry);
    }
    return w.repository.put(formats::media_type::oci_index, text + "]}");
  };
  const auto fetch = [&](const formats::Descriptor& d) {
    return *std::move(w.repository.manifests(std::span(&d, 1)).front());
  };
  const auto second = w.repository.put_image("second");
  const auto inner = index_of({second});
  const auto top = index_of({w.image, w.image, inner});
  const auto all = with_children(w.repository, fetch(top));
  REQUIRE(all);
  REQUIRE(all->size() == 4);
  CHECK(all->front().digest == top.digest);
  CHECK(all->back().digest == second.digest);

  std::vector<formats::Descriptor> many;
  for (std::size_t i = 0; i < limits::max_index_entries; ++i) {
    many.push_back(w.repository.put_image(std::to_string(i)));
  }
  CHECK(with_children(w.repository, fetch(index_of(many))).error().code == Code::limit_count);
  many.pop_back();
  CHECK(with_children(w.repository, fetch(index_of(many))));

  const auto deeper = index_of({top});
  const auto too_deep = with_children(w.repository, fetch(deeper));
  REQUIRE_FALSE(too_deep);
  CHECK(too_deep.error().code == Code::limit_depth);

  w.repository.failures.emplace(second.digest.to_string(),
                                Error{Code::network_status, "broken", ""});
  CHECK(with_children(w.repository, fetch(top)).error().code == Code::network_status);
}

}  // namespace touchstone::sign
