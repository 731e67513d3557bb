#pragma once
// Google's signatures: a Bearer token for our own requests, and URLs signed with RSA
// (GOOG4-RSA-SHA256; docs.cloud.google.com/storage/docs/authentication/canonical-requests and
// .../signatures, November 2026). Their shape is Amazon's, with other words.
#include "adapters/objects/s3/google_access.h"
#include "adapters/objects/s3/request_signer.h"

namespace herder::s3 {

// All of a signed URL's query but its signature, and the text that the signature is of.
struct GoogleUrlText {
    std::string query;
    std::string to_sign;
};
GoogleUrlText prepare_google_url(Signable request, const std::string& email, WallTime now,
                                 Duration life);

// Thread-safe.
class GoogleSigner : public RequestSigner {
  public:
    explicit GoogleSigner(CredentialWorld world) : access_(std::move(world)) {}
    Status sign_headers(Signable& request, WallTime now) override;
    // Waits for a network where no private key is at hand.
    Result<std::string> presign(const Signable& request, WallTime now, Duration life) override;
    GoogleAccess& access() { return access_; }

  private:
    GoogleAccess access_;
};

}  // namespace herder::s3
