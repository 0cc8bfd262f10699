#include "report/html.h"

#include "base/encoding.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "report/chain_picture.h"
#include "report/markup.h"
#include "report/words.h"

namespace touchstone::report {
namespace {

using judge::EvidenceNote;
using judge::ImageVerdict;
using judge::Judgement;
using judge::Outcome;

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1c2128; --faint: #59636e;
  --line: #d0d7de; --good: #1a7f37; --warned: #9a6700; --bad: #cf222e; --open: #6639ba; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --card: #161b22; --text: #e6edf3;
  --faint: #9198a1; --line: #3d444d; --good: #3fb950; --warned: #d29922; --bad: #f85149;
  --open: #bc8cff; } }
body { margin: 0 auto; padding: 1.5rem 1rem; max-width: 72rem; background: var(--page);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .25rem 0; } code { font: 0.9em ui-monospace, monospace; }
.faint { color: var(--faint); }
section { background: var(--card); border: 1px solid var(--line); border-left: 5px solid var(--open);
  border-radius: 8px; padding: 1rem; margin: 1rem 0; }
section.accepted { border-left-color: var(--good); }
section.warned { border-left-color: var(--warned); }
section.refused { border-left-color: var(--bad); }
.badge { color: var(--open); } .accepted > h2 .badge { color: var(--good); }
.warned > h2 .badge { color: var(--warned); } .refused > h2 .badge { color: var(--bad); }
figure { margin: 1rem 0; overflow-x: auto; }
svg.chain { display: block; max-width: none; }
svg .box rect { fill: var(--page); stroke: var(--line); }
svg .good rect, svg .accepted rect { stroke: var(--good); }
svg .warned rect { stroke: var(--warned); }
svg .bad rect, svg .refused rect { stroke: var(--bad); }
svg .undecided rect { stroke: var(--open); }
svg .none rect { stroke-dasharray: 4 3; }
svg text { fill: var(--text); font: 11px ui-monospace, monospace; }
svg text.caption { fill: var(--faint); font: 11px system-ui, sans-serif; }
svg .arrow { fill: none; stroke: var(--good); stroke-width: 1.5; }
svg .arrow.bad { stroke: var(--bad); stroke-dasharray: 4 3; }
summary { cursor: pointer; }
ul.tree { list-style: none; margin: .25rem 0; padding-left: 1.25rem; border-left: 1px solid var(--line); }
.met > .mark { color: var(--good); } .unmet > .mark { color: var(--bad); }
.open > .mark { color: var(--open); }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
.wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-top: 1px solid var(--line);
  min-width: 6rem; }
@media print { body { background: none; } section { break-inside: avoid; } }
)";

std::string element(std::string_view name, std::string_view text, std::string_view look = "") {
  const std::string tag(name);
  return "<" + tag + (look.empty() ? "" : " class=\"" + std::string(look) + "\"") + ">" +
         markup_text(text) + "</" + tag + ">";
}

std::string paragraph(std::string_view label, std::string_view text) {
  if (text.empty()) return "";
  return "<p>" + element("span", label, "faint") + " " + markup_text(text) + "</p>\n";
}

std::string_view look_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::allow:
      return "met";
    case Outcome::deny:
      return "unmet";
    case Outcome::error:
      return "open";
  }
  return "";
}

std::string_view mark_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::allow:
      return "✓ met";
    case Outcome::deny:
      return "✗ not met";
    case Outcome::error:
      return "? not looked at";
  }
  return "";
}

std::string tree(const Judgement& judgement) {
  std::string html = "<li class=\"" + std::string(look_of(judgement.outcome)) + "\">" +
                     element("span", mark_of(judgement.outcome), "mark") + " " +
                     element("strong", judgement.kind) + " " + markup_text(judgement.wanted);
  if (judgement.reason) {
    html += "<br/>" + markup_text(judgement.reason->message) + " " +
            element("code", slug(judgement.reason->code));
  }
  for (const std::string& found : judgement.found)
    html += "<br/>" + element("span", found, "faint");
  if (!judgement.parts.empty()) {
    html += "<ul class=\"tree\">";
    for (const Judgement& part : judgement.parts) html += tree(part);
    html += "</ul>";
  }
  return html + "</li>\n";
}

std::string row(const EvidenceNote& note) {
  const std::string who =
      note.signer.empty() ? note.message
                          : note.signer + (note.device.empty() ? "" : ", with a " + note.device);
  return "<tr>" + element("td", note.kind + (note.type.empty() ? "" : " " + note.type)) +
         element("td", note.result) + element("td", who) + element("td", note.root) +
         element("td", note.time ? to_rfc3339(*note.time) : "") +
         element("td", join(note.logs, ", ")) + element("td", note.origin) + "</tr>\n";
}

std::string evidence(const std::vector<EvidenceNote>& notes) {
  if (notes.empty()) return "";
  std::string html = "<details><summary>Evidence (" + std::to_string(notes.size()) +
                     ")</summary><div class=\"wide\"><table><tr><th>what</th><th>result</th>"
                     "<th>by</th><th>trusted by</th><th>time</th><th>logs</th><th>where it "
                     "lies</th></tr>\n";
  for (const EvidenceNote& note : notes) html += row(note);
  return html + "</table></div></details>\n";
}

std::string section(const ImageVerdict& image) {
  const judge::Verdict& verdict = image.verdict;
  const std::string look(standing_name(standing(verdict)));
  std::string html = "<section class=\"" + look + "\">\n<h2>" + element("span", look, "badge") +
                     " " + element("code", shown_name(image)) + "</h2>\n";
  if (verdict.would_deny) html += "<p>The rule lets it pass all the same.</p>\n";
  html += paragraph("why:", shown_reason(verdict));
  if (verdict.reason) {
    html += paragraph("what to do:", shown_hint(*verdict.reason));
    html += paragraph("code:", slug(verdict.reason->code));
  }
  html += paragraph("by:", rule_text(verdict));
  for (const judge::NamedAt& place : image.named_at) {
    html += paragraph("named at:", shown_place(place));
  }
  if (const std::string picture = chain_picture(image); !picture.empty()) {
    html += "<figure>" + picture + "</figure>\n";
  }
  if (verdict.tree) {
    const std::string open = standing(verdict) == Standing::accepted ? "" : " open=\"\"";
    html += "<details" + open + "><summary>Requirements</summary><ul class=\"tree\">" +
            tree(*verdict.tree) + "</ul></details>\n";
  }
  return html + evidence(verdict.evidence) + "</section>\n";
}

std::string head() {
  const std::string hash = to_base64(crypto::hash(crypto::Hash::sha256, as_bytes(style)));
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'sha256-" +
         hash +
         "'; base-uri 'none'; form-action 'none'\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
         "<title>Image verification</title>\n<style>" +
         std::string(style) + "</style>\n</head>\n";
}

}  // namespace

std::string to_html(const Input& input) {
  const judge::Report& report = input.report;
  std::string html = head() + "<body>\n<h1>Image verification</h1>\n" +
                     element("p", describe(count(report))) + "\n" +
                     paragraph("judged by:", policy_text(report.policy)) +
                     paragraph("at:", to_rfc3339(report.time)) +
                     paragraph("with:", "touchstone " + std::string(input.version));
  for (const ImageVerdict& image : report.images) html += section(image);
  return html + "</body>\n</html>\n";
}

}  // namespace touchstone::report
