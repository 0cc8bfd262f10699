#include "cli/summary_signing.h"

#include <optional>

#include "cli/device_options.h"
#include "formats/verification_summary.h"
#include "report/vsa.h"
#include "sign/make_bundle.h"

namespace touchstone::cli {
namespace {

class DeviceSummarySigner : public SummarySigner {
 public:
  void declare(CLI::App& command) override {
    device_.declare_as(command, "--vsa-key",
                       "sign verification summaries with this key, as sigstore bundles");
  }

  bool given() const override { return device_.given(); }

  Status prepare(std::size_t images) override {
    TS_TRY(key_, device_.open());
    TS_CHECK(device_.unlock(*key_, images));
    TS_TRY(const Bytes spki, key_->public_key());
    TS_TRY(public_key_, crypto::PublicKey::from_der(spki));
    return ok();
  }

  Result<std::string> sign(const report::Input& input) override {
    std::string bundles;
    for (const report::SummaryStatement& statement : report::summaries(input)) {
      const verify::Artifact image = verify::Artifact::of(statement.image);
      TS_TRY(const auto made, sign::make_bundle({*key_, *public_key_},
                                                {image,
                                                 {verify::WantedContent::Kind::attestation,
                                                  std::string(formats::verification_summary_v1)},
                                                 to_bytes(statement.text)}));
      bundles += std::string(as_text(made.bundle)) + "\n";
    }
    return bundles;
  }

 private:
  DeviceOptions device_;
  std::unique_ptr<KeyDevice> key_;
  std::optional<crypto::PublicKey> public_key_;
};

}  // namespace

std::shared_ptr<SummarySigner> summary_signer() { return std::make_shared<DeviceSummarySigner>(); }

}  // namespace touchstone::cli
