#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/policy_cases.h"
#include "cli/shared/output.h"
#include "cli/shared/policy_loading.h"
#include "cli/shared/system.h"
#include "crypto/hash.h"
#include "judge/decide.h"
#include "report/words.h"

namespace touchstone::cli {
namespace {

using judge::Expected;
using judge::Judgement;

struct PolicyOptions {
  std::string trust;
  SystemClock clock;

  void declare(CLI::App& app) { declare_trust(app, trust); }
  Result<policy::Document> load(const std::string& file) const {
    return read_policy(file, trust_folder(trust), clock);
  }
};

// Explain.

struct ExplainCommand {
  PolicyOptions options;
  std::string image;
  std::string file;

  int run();
};

// A rule that an image matches, by the most specific of the patterns that do.
struct Fitting {
  const policy::Rule* rule;
  const policy::ImagePattern* pattern;
};

std::vector<Fitting> fitting(const policy::Document& document, const Reference& reference,
                             const Digest& digest) {
  std::vector<Fitting> rules;
  for (const policy::Rule& rule : document.rules) {
    const policy::ImagePattern* best = nullptr;
    for (const policy::ImagePattern& pattern : rule.images) {
      if (!pattern.matches(reference, digest)) continue;
      if (best == nullptr || pattern.compare_specificity(*best) > 0) best = &pattern;
    }
    if (best != nullptr) rules.push_back({&rule, best});
  }
  std::ranges::sort(rules, [](const Fitting& a, const Fitting& b) {
    return a.pattern->compare_specificity(*b.pattern) > 0;
  });
  return rules;
}

void add_wanted(const Judgement& judgement, std::size_t depth, std::string& text) {
  text += std::string(2 * depth, ' ') + judgement.kind + ": " + judgement.wanted + "\n";
  for (const Judgement& part : judgement.parts) add_wanted(part, depth + 1, text);
}

// What a rule asks for is what it misses of an image with nothing attached.
std::string wanted_by(const policy::Rule& rule, const Reference& reference, const Digest& digest) {
  judge::Evidence nothing{reference, {digest}};
  nothing.image.findings.resize(judge::needs_of(rule).size());
  const judge::Verdict verdict = judge::decide(rule, nothing, {});
  std::string text;
  if (verdict.tree) add_wanted(*verdict.tree, 2, text);
  return text;
}

std::string line_of(const Fitting& fit, const policy::Document& document) {
  return "rule \"" + printable(fit.rule->name) + "\" (" + document.source + ":" +
         std::to_string(fit.rule->place.line) + ") by \"" + fit.pattern->text() + "\"" +
         (fit.rule->mode == policy::Mode::audit ? ", in audit mode" : "") + "\n";
}

int ExplainCommand::run() {
  const auto reference = Reference::parse(image);
  if (!reference) return complain(reference.error());
  const auto name = policy_file(file);
  if (!name) return complain(name.error());
  const auto document = options.load(*name);
  if (!document) return complain(document.error());
  // Of an image that is named by a tag, nobody knows the digest without asking.
  const Digest digest = reference->digest().value_or(crypto::digest_of({}));
  const auto rules = fitting(*document, *reference, digest);
  std::string text = reference->to_string() + "\n";
  for (std::size_t i = 0; i < rules.size(); ++i) {
    text += (i == 0 ? "decides: " : "  less specific: ") + line_of(rules[i], *document);
    if (i == 0) text += wanted_by(*rules[i].rule, *reference, digest);
  }
  if (!reference->digest()) {
    text += "a rule for its digest would come first; name the image by it to see\n";
  }
  const auto printed = print(text);
  return printed ? 0 : complain(printed.error());
}

}  // namespace

void declare_policy_explain(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("explain", "which rule decides about an image, and why");
  auto command = std::make_shared<ExplainCommand>();
  app.description(
      "Show which rule of the policy decides about IMAGE.\n"
      "What it asks for, and which other rules match, the most specific first. Nothing is asked "
      "of\n"
      "a registry.\n\n"
      "Example:\n"
      "  touchstone policy explain --policy policy.yaml registry.example/shop/api:1.4");
  app.add_option("IMAGE", command->image, "registry/name:tag or registry/name@sha256:...")
      ->required()
      ->type_name("");
  app.add_option("-p,--policy", command->file, "the policy (default: as for verify)")
      ->type_name("FILE");
  command->options.declare(app);
  set_action(app, [command] { return command->run(); });
}

namespace {

// Test and diff.

struct TestCommand {
  PolicyOptions options;
  std::string file;
  std::string cases;

  int run();
};

int TestCommand::run() {
  const auto document = options.load(file);
  if (!document) return complain(document.error());
  const auto all = read_cases(cases);
  if (!all) return complain(all.error());
  std::string text;
  std::size_t failed = 0;
  for (const Case& one : *all) {
    const judge::ImageVerdict judged = judge::judge_record(one.record, *document);
    const Expected is = Expected::of(judged.verdict);
    if (is == one.record.expected) continue;
    ++failed;
    text += "FAILED: " + one.name + ": " + one.record.image.to_string() + ": expected " +
            one.record.expected.to_string() + ", is " + is.to_string() + "\n";
    for (const std::string& line : report::describe(judged, true)) text += "  " + line + "\n";
  }
  text += std::to_string(all->size()) + " cases, " + std::to_string(failed) + " not as expected\n";
  const auto printed = print(text);
  if (!printed) return complain(printed.error());
  return failed == 0 ? 0 : 1;
}

}  // namespace

void declare_policy_test(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("test", "judge recorded cases by a policy");
  auto command = std::make_shared<TestCommand>();
  app.description(
      "Judge recorded cases by the policy in FILE.\n"
      "Each as of its time; tells which do not come to what is expected of them. Signatures are\n"
      "verified anew, and nothing is asked of a registry. `touchstone verify --record DIR` writes\n"
      "cases.\n\n"
      "Exit status: 0 all as expected, 1 some are not, 2 the policy or a case cannot be used.\n\n"
      "Example:\n"
      "  touchstone policy test policy.yaml cases/");
  app.add_option("FILE", command->file, "the policy")->required()->type_name("");
  app.add_option("CASES", command->cases, "a folder of .json files, or a file of a case a line")
      ->required()
      ->type_name("");
  command->options.declare(app);
  set_action(app, [command] { return command->run(); });
}

namespace {

struct DiffCommand {
  PolicyOptions options;
  std::string before;
  std::string after;
  std::string cases;

  int run();
};

int DiffCommand::run() {
  const auto before_document = options.load(before);
  if (!before_document) return complain(before_document.error());
  const auto after_document = options.load(after);
  if (!after_document) return complain(after_document.error());
  const auto all = read_cases(cases);
  if (!all) return complain(all.error());
  std::string text;
  std::size_t flipped = 0;
  for (const Case& one : *all) {
    const Expected was = Expected::of(judge::judge_record(one.record, *before_document).verdict);
    const Expected is = Expected::of(judge::judge_record(one.record, *after_document).verdict);
    if (was == is) continue;
    ++flipped;
    text += one.name + ": " + one.record.image.to_string() + ": " + was.to_string() + " -> " +
            is.to_string() + "\n";
  }
  text += std::to_string(all->size()) + " cases, " + std::to_string(flipped) + " differ\n";
  const auto printed = print(text);
  if (!printed) return complain(printed.error());
  return flipped == 0 ? 0 : 1;
}

}  // namespace

void declare_policy_diff(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("diff", "which recorded cases two policies differ in");
  auto command = std::make_shared<DiffCommand>();
  app.description(
      "Judge the recorded cases in CASES by two policies, and tell in which they differ.\n\n"
      "Exit status: 0 in none, 1 in some, 2 a policy or a case cannot be used.\n\n"
      "Example:\n"
      "  touchstone policy diff old.yaml new.yaml cases/");
  app.add_option("OLD", command->before, "a policy")->required()->type_name("");
  app.add_option("NEW", command->after, "another")->required()->type_name("");
  app.add_option("CASES", command->cases, "a folder of .json files, or a file of a case a line")
      ->required()
      ->type_name("");
  command->options.declare(app);
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
