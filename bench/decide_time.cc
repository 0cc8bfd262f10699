// How long a decision takes with the evidence in memory, for a rule of ten requirements: prints
// microseconds, the median of many.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "crypto/hash.h"
#include "crypto/private_key.h"
#include "judge/decide.h"

namespace {

using namespace touchstone;
using namespace std::chrono_literals;

constexpr std::size_t requirements = 10;
constexpr std::size_t decisions = 2001;
const std::chrono::sys_seconds now{1'800'000'000s};

verify::TrustedSigner signer() {
  return {{crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key(), "release", {}, {}, ""},
          "root \"bench\""};
}

}  // namespace

int main() {
  judge::Evidence evidence{*Reference::parse("registry.example/app:1"),
                           {crypto::digest_of(as_bytes("image"))}};
  policy::AllOf all;
  for (std::size_t i = 0; i < requirements; ++i) {
    policy::Signatures wanted{{{"bench"}, {}}};
    wanted.signer.demand.signers.push_back(signer());
    verify::Evidence signature{wanted.signer.demand.signers.front(), Scheme::ecdsa_sha256, {}};
    evidence.image.findings.push_back({{"sha256:" + std::to_string(i), std::move(signature)}});
    all.parts.push_back({std::move(wanted)});
  }
  const policy::Rule rule{"bench", {}, {std::move(all)}};

  std::vector<double> times;
  for (std::size_t i = 0; i < decisions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const judge::Verdict verdict = judge::decide(rule, evidence, now);
    const auto end = std::chrono::steady_clock::now();
    if (verdict.outcome != judge::Outcome::allow) return 1;
    times.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
  }
  std::ranges::nth_element(times, times.begin() + decisions / 2);
  std::printf("%.1f\n", times[decisions / 2]);
  return 0;
}
