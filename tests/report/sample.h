// Reports to write in all forms.
#pragma once

#include <string>

#include "judge/verdict.h"
#include "report/report.h"

namespace touchstone::report::test {

inline const std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

inline Digest digest(char digit) { return *Digest::parse("sha256:" + std::string(64, digit)); }

// One image of each standing, every text of which is `text`: names, places, rules, reasons,
// requirements and evidence of each kind.
inline judge::Report filled_with(const std::string& text) {
  using judge::Outcome;
  judge::EvidenceNote good{"signature", text, text, text};
  good.subject = digest('a');
  good.signer = good.key = good.certificate = good.issuer = good.root = good.device = text;
  good.device_serial = 12345678;
  good.logs = {text, text};
  good.time = now;
  judge::EvidenceNote bad{text, text, text, text};
  bad.result = bad.message = text;

  judge::Judgement leaf;
  leaf.kind = leaf.wanted = text;
  leaf.outcome = Outcome::error;
  leaf.reason = Error{Code::network_unreachable, text, text};
  leaf.found = {text, text};
  judge::Judgement tree;
  tree.kind = tree.wanted = text;
  tree.outcome = Outcome::deny;
  tree.reason = Error{Code::rule_alternatives, text, text};
  tree.found = {text};
  tree.parts = {leaf, leaf};

  judge::ImageVerdict image;
  image.reference = image.pinned = image.media_type = text;
  image.digest = digest('a');
  image.named_at = {{text, 3}, {text, 0}};
  image.latency = std::chrono::microseconds(41'500);
  image.verdict.rule = text;
  image.verdict.tree = tree;
  image.verdict.evidence = {bad, good};

  judge::Report report{{text, text, 42, digest('c'), digest('d'), now}, now, {}};
  for (const Outcome outcome : {Outcome::allow, Outcome::allow, Outcome::deny, Outcome::error}) {
    image.verdict.outcome = outcome;
    report.images.push_back(image);
    image.verdict.would_deny = outcome == Outcome::allow && report.images.size() == 1;
    image.verdict.reason = Error{Code::network_unreachable, text, text};
  }
  return report;
}

// The same in words as they are.
inline judge::Report plain_report() {
  judge::Report report = filled_with("words");
  for (judge::ImageVerdict& image : report.images) {
    image.reference = "registry.example/shop/api:1";
    image.pinned = "registry.example/shop/api@" + digest('a').to_string();
    image.named_at = {{"deploy/app.yaml", 12}};
    image.verdict.rule = "production";
  }
  report.images[1].verdict.mode = policy::Mode::audit;
  report.images[2].verdict.reason = Error{Code::evidence_none, "nothing is attached", ""};
  return report;
}

}  // namespace touchstone::report::test
