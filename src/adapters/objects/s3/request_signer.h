#pragma once
// How the requests of a home other than Amazon's are signed.
#include <string>

#include "adapters/objects/s3/aws_signature.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::s3 {

class RequestSigner {
  public:
    virtual ~RequestSigner() = default;
    // For a request of our own. May wait for a network.
    virtual Status sign_headers(Signable& request, WallTime now) = 0;
    // The query of a URL that its holder may use for `life`, at most kPresignedLifeMax, with
    // exactly these headers.
    virtual Result<std::string> presign(const Signable& request, WallTime now, Duration life) = 0;
};

}  // namespace herder::s3
