#include "base/text.h"
#include "crypto/hash.h"
#include "inspect/claims.h"
#include "inspect/show.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Whatever is attached, what is shown of it moves no cursor.
FUZZ_TARGET(input) {
  static const Digest subject = crypto::digest_of({});
  static const Reference reference = *Reference::parse("registry.example/shop/api");
  for (const char* type : {"application/vnd.dev.sigstore.bundle.v0.3+json",
                           "application/vnd.dev.cosign.simplesigning.v1+json",
                           "application/vnd.dsse.envelope.v1+json"}) {
    const formats::Descriptor layer{type,
                                    subject,
                                    input.size(),
                                    "",
                                    {{"dev.sigstore.cosign/bundle", std::string(as_text(input))}},
                                    {},
                                    {}};
    const inspect::Attached attached{inspect::Attached::Kind::other,
                                     "",
                                     layer,
                                     true,
                                     {},
                                     {{layer, inspect::read_claims(layer, input, subject), {}}},
                                     {}};
    const inspect::Manifest manifest{layer, false, {}, {}, {attached}};
    const std::string text = inspect::describe({{manifest}}, reference);
    for (const std::string_view line : split(text, '\n')) fuzz::require(is_printable(line));
    (void)inspect::to_json({{manifest}}, reference);
  }
}
