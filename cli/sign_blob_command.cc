#include "base/files.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/certificate_options.h"
#include "cli/commands.h"
#include "cli/device_options.h"
#include "cli/shared/named_file.h"
#include "cli/shared/output.h"
#include "cli/witness_options.h"
#include "sign/given_statement.h"
#include "sign/look_alike.h"
#include "sign/make_bundle.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Sign a file with a key that lives on a device. The signature is a sigstore bundle in a file\n"
    "beside it, as `cosign sign-blob --bundle` writes it; `verify-blob` and `cosign verify-blob`\n"
    "take it. Prints the file's digest.\n\n"
    "With --statement the file is an in-toto statement about other things, and is signed as it\n"
    "stands, in an envelope: `verify-blob --type TYPE` takes it for each of its subjects.\n\n"
    "Exit status: 0 done, 1 a verifier would refuse it, 2 wrong usage, 3 services, 4 key device, 5 "
    "internal.\n\n"
    "Examples:\n"
    "  touchstone sign-blob --key yubikey:9c tool.tar.gz\n"
    "  touchstone sign-blob --key release.pem --bundle tool.sigstore.json tool.tar.gz\n"
    "  touchstone sign-blob --key release.pem --statement provenance.json";

struct SignBlobCommand {
  DeviceOptions device;
  CertificateOptions certificate;
  WitnessOptions witnesses;
  std::string file;
  std::string bundle;
  bool statement = false;
  bool allow_image_signature = false;
  bool overwrite = false;

  int run();
  Status check_usage();
  Status check_content(const NamedFile& named) const;
  Result<sign::MadeBundle> make(const sign::ToSign& what);
  Result<std::string> sign_file();
  Result<std::string> sign_statement();
  Status write(const sign::MadeBundle& made) const;
};

// What is there already is found before the PIN is asked.
Status SignBlobCommand::check_usage() {
  TS_CHECK(certificate.check_usage());
  TS_CHECK(witnesses.check_usage(device.given(), certificate.given()));
  if (bundle.empty()) bundle = file + ".sigstore.json";
  if (!overwrite && is_there(bundle)) {
    return Error{Code::usage_file, "\"" + printable(bundle) + "\" is there already",
                 "give --overwrite, or another name with --bundle"};
  }
  return ok();
}

Status SignBlobCommand::check_content(const NamedFile& named) const {
  if (allow_image_signature) return ok();
  if (named.is_digest()) {
    return Error{Code::policy_image_signature,
                 "what this is the digest of cannot be looked at, and may be what an image's "
                 "signature is over",
                 "give the file, or --allow-image-signature when you know what it is"};
  }
  const auto kind = sign::passes_for(named.beginning());
  if (!kind) return ok();
  return Error{Code::policy_image_signature,
               "\"" + printable(file) + "\" is " + std::string(*kind) +
                   ": with its signature, an image would seem signed",
               ""};
}

Result<sign::MadeBundle> SignBlobCommand::make(const sign::ToSign& what) {
  const SystemClock clock;
  TS_CHECK(witnesses.open(proxies(""), clock));
  TS_TRY(const auto key, device.given() ? device.open() : WitnessOptions::ephemeral_key());
  // As early as the public key is known.
  if (const Bytes& known = key->describe().public_key; !known.empty() && !what.statement) {
    TS_TRY(const auto public_key, crypto::PublicKey::from_der(known));
    TS_CHECK(sign::can_sign_file(public_key, what.artifact));
  }
  TS_CHECK(device.unlock(*key, 1 + witnesses.signatures()));
  TS_TRY(const Bytes spki, key->public_key());
  TS_TRY(const auto public_key, crypto::PublicKey::from_der(spki));
  TS_TRY(auto certified, certificate.read(public_key, clock));
  TS_CHECK(witnesses.certify(*key, public_key, what.statement.has_value()));
  return sign::make_bundle({*key, public_key, std::move(certified), witnesses.witnesses()}, what);
}

Status SignBlobCommand::write(const sign::MadeBundle& made) const {
  TS_CHECK(replace_file(bundle, made.bundle, 0644));
  say("wrote " + printable(bundle));
  return ok();
}

Result<std::string> SignBlobCommand::sign_file() {
  TS_TRY(const auto named, NamedFile::read(file));
  TS_CHECK(check_content(named));
  const verify::Artifact artifact = named.artifact();
  std::string digest = artifact.name()->to_string();
  say("will sign " + printable(file) + (named.is_digest() ? "" : " (" + digest + ")"));
  TS_TRY(const auto made,
         make({artifact, {verify::WantedContent::Kind::file_signature, {}}, std::nullopt}));
  TS_CHECK(write(made));
  if (made.evidence.scheme == Scheme::ed25519) {
    say("note: touchstone verifies this; cosign 3 verifies no files signed with Ed25519 keys");
  }
  return digest;
}

Result<std::string> SignBlobCommand::sign_statement() {
  TS_TRY(Bytes contents, read_file(file, sign::max_statement_bytes));
  std::string digest = crypto::digest_of(contents).to_string();
  TS_TRY(const auto given, sign::GivenStatement::create(std::move(contents)));
  const std::string more =
      given.subjects() == 1 ? "" : " and " + std::to_string(given.subjects() - 1) + " more";
  say("will sign the statement " + printable(file) + ": of type " +
      printable(given.predicate_type()) + ", about " + given.subject().to_string() + more);
  TS_TRY(const auto made, make({verify::Artifact::of(given.subject()),
                                {verify::WantedContent::Kind::attestation, given.predicate_type()},
                                given.contents()}));
  TS_CHECK(write(made));
  return digest;
}

int SignBlobCommand::run() {
  if (const auto usable = check_usage(); !usable) return complain(usable.error());
  const auto digest = statement ? sign_statement() : sign_file();
  if (!digest) return complain(digest.error());
  const auto printed = print(*digest + "\n");
  return printed ? exit_accepted : complain(printed.error());
}

}  // namespace

void declare_sign_blob(CLI::App& app) {
  auto command = std::make_shared<SignBlobCommand>();
  app.description(std::string(description));
  app.add_option("FILE", command->file, "file, or its digest, sha256:HEX, for keys that sign that")
      ->required()
      ->type_name("");
  command->device.declare(app, DeviceOptions::Key::optional);
  app.add_option("--bundle", command->bundle, "where to write it (default: FILE.sigstore.json)")
      ->type_name("FILE");
  command->certificate.declare(app);
  command->witnesses.declare(app);
  CLI::Option* given = app.add_flag("--statement", command->statement,
                                    "FILE is an in-toto statement: sign it as it stands");
  app.add_flag("--allow-image-signature", command->allow_image_signature,
               "sign the file even if its signature could pass for that of an image")
      ->excludes(given);
  app.add_flag("--overwrite", command->overwrite, "replace a bundle that is there");
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
