#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/image_signing.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "formats/predicate_types.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Sign a statement about each IMAGE, with a predicate from a file. It says how the image was\n"
    "built, what is in it, or what was found in it, and is attached to it as cosign v3 does;\n"
    "`verify --type TYPE` and `cosign verify-attestation --type TYPE` ask for it. Prints the\n"
    "pinned reference of each image.\n\n"
    "Exit status: 0 done, 1 a verifier would refuse it, 2 wrong usage, 3 registry or services,\n"
    "4 key device, 5 internal.\n\n"
    "Examples:\n"
    "  touchstone attest --key yubikey:9c --type slsaprovenance1 --predicate provenance.json \\\n"
    "    registry.example/shop/api:1.4\n"
    "  touchstone attest --key release.pem --type cyclonedx --predicate sbom.json \\\n"
    "    registry.example/shop/api@sha256:...";

struct AttestCommand {
  ImageSigning signing;
  std::string type;
  std::string predicate;

  int run();
};

// A short name tells the files of several attestations of one image apart.
std::string file_suffix(const std::string& type) {
  for (const formats::PredicateName& known : formats::predicate_names()) {
    if (known.name == type || known.type == type) return "." + std::string(known.name);
  }
  return ".attestation";
}

int AttestCommand::run() {
  const SystemClock clock;
  if (const auto usable = signing.check_usage(); !usable) return complain(usable.error());
  const auto contents = read_file(predicate, sign::max_predicate_bytes);
  if (!contents) return complain(contents.error());
  auto checked = sign::Predicate::create(type, *contents, clock.now());
  if (!checked) {
    Error error = std::move(checked).error();
    error.message = printable(predicate) + ": " + error.message;
    return complain(error);
  }
  say("an attestation of type " + printable(checked->type()));
  return signing.run({.verb = "attest",
                      .file_suffix = file_suffix(type),
                      .make = [&](Jobs one, const sign::Signer& signer) -> Result<MadeSignatures> {
                        const SigningJob& job = one.front();
                        MadeSignatures made;
                        TS_TRY(made.bundle,
                               sign::attest_image(signer, job.target.image,
                                                  sign::docker_reference(job.reference), *checked));
                        return made;
                      }});
}

}  // namespace

void declare_attest(CLI::App& app) {
  auto command = std::make_shared<AttestCommand>();
  app.description(std::string(description));
  std::vector<std::string> names;
  for (const formats::PredicateName& known : formats::predicate_names()) {
    names.emplace_back(known.name);
  }
  command->signing.declare(app, [&] {
    offer(*app.add_option("--type", command->type,
                          "what the predicate is: a URI, or one of\n" + join(names, ", "))
               ->required()
               ->type_name("TYPE"),
          names);
    app.add_option("--predicate", command->predicate,
                   "file with the predicate: JSON, or for \"custom\" any text")
        ->required()
        ->type_name("FILE");
  });
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
