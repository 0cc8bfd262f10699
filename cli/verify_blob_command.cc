
#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/public_keys.h"
#include "cli/shared/command_info.h"
#include "cli/shared/demand_options.h"
#include "cli/shared/named_file.h"
#include "cli/shared/output.h"
#include "formats/sigstore_bundle.h"
#include "verify/report.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Check that a file is signed as you ask. By one of the keys, or by somebody with a\n"
    "certificate of one of the authorities or sigstore instances; with --type, that such a one\n"
    "has attested to it. Prints the file's digest when it is. No network is asked.\n\n"
    "Exit status: 0 accepted, 1 refused, 2 wrong usage or configuration, 3 could not decide.\n\n"
    "Examples:\n"
    "  touchstone verify-blob --key release.pub --bundle tool.tar.gz.sigstore.json tool.tar.gz\n"
    "  touchstone verify-blob --root sigstore --identity ci@shop.example \\\n"
    "    --issuer https://accounts.example --bundle tool.sigstore.json sha256:...";

struct VerifyBlobCommand {
  explicit VerifyBlobCommand(PublicKeyReader reader) : judged_by(std::move(reader)) {}

  DemandOptions judged_by;
  std::string file;
  std::string bundle;
  std::string output = "text";

  int run();
};

int VerifyBlobCommand::run() {
  const auto clock = judged_by.clock();
  if (!clock) return complain(clock.error());
  if (output != "text" && output != "json") {
    return complain(Error{Code::usage_arguments, "--output takes text or json", ""});
  }
  const auto demand = judged_by.demand(**clock);
  if (!demand) return complain(demand.error());
  const auto named = NamedFile::read(file);
  if (!named) return complain(named.error());
  auto bytes = read_file(bundle, limits::max_bundle_bytes);
  if (!bytes) return complain(bytes.error());

  const verify::ImageReport report = verify::verify_file(
      printable(file), named->artifact(), verify::Candidate{printable(bundle), *std::move(bytes)},
      *demand, **clock);
  if (output == "text") {
    for (const std::string& line : verify::describe(report, *demand)) say(line);
  }
  const bool accepted = report.decision == verify::Decision::accepted;
  const auto printed = print(output == "json" ? verify::to_json({report}, *demand, (*clock)->now())
                                              : (accepted ? report.pinned + "\n" : ""));
  if (!printed) return complain(printed.error());
  return verify::exit_status({report});
}

}  // namespace

void declare_verify_blob(CLI::App& app) {
  auto command = std::make_shared<VerifyBlobCommand>(read_public_key);
  app.description(std::string(description));
  app.add_option("FILE", command->file, "file, or its digest: sha256:HEX")
      ->required()
      ->type_name("");
  app.add_option("--bundle", command->bundle, "its signature: a sigstore bundle")
      ->required()
      ->type_name("FILE");
  command->judged_by.declare(app, DemandOptions::Subject::file);
  offer(*app.add_option("-o,--output", command->output, "text (the default) or json")
             ->type_name("FORMAT"),
        {"text", "json"});
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
