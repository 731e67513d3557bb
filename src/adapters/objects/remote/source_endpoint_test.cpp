#include "adapters/objects/remote/source_endpoint.h"

#include <gtest/gtest.h>

namespace herder::remote {
namespace {

const std::vector<std::string> kOwn{"https://storage.googleapis.com", "https://blobs.example:8443"};

Status check(const std::string& source) {
    return check_source_endpoint(*parse_bucket_address(source), kOwn);
}

TEST(SourceEndpoint, AForeignOneGetsNoCredentials) {
    for (const char* source :
         {"gs://b/d/?endpoint=https://evil.example",
          "az://account1/box?endpoint=https://evil.example",
          "az://account1/box?endpoint=https://other.blob.core.windows.net",
          "gs://b?endpoint=https%3A%2F%2Fevil.example",
          "gs://b?endpoint=https://127.0.0.1.evil.example",
          "gs://b?endpoint=https://localhost.evil.example", "gs://b?endpoint=https://blobs.example",
          "gs://b?endpoint=http://blobs.example:8443",
          "gs://b?endpoint=https://blobs.example:8443&endpoint=https://evil.example",
          "gs://b?endpoint=nonsense"}) {
        const Status refused = check(source);
        ASSERT_FALSE(refused) << source;
        EXPECT_EQ(refused.error().code, ErrorCode::kForbidden) << source;
        EXPECT_NE(refused.error().message.find("herder storage add"), std::string::npos);
    }
    EXPECT_NE(check("gs://b/?endpoint=https://evil.example").error().message.find("evil.example"),
              std::string::npos);
}

TEST(SourceEndpoint, TheServersOwnAreTaken) {
    for (const char* source :
         {"gs://b/d/", "az://account1/box", "gs://b?endpoint=https://storage.googleapis.com",
          "gs://b?endpoint=https://BLOBS.example:8443/", "gs://b?endpoint=http://127.0.0.1:4443",
          "az://account1/box?endpoint=https://blobs.example:8443/account1",
          "az://account1/box?endpoint=http://[::1]:10000"})
        EXPECT_TRUE(check(source)) << source;
}

TEST(SourceEndpoint, AmazonsSignaturesAreGoodForOneHostOnly) {
    EXPECT_TRUE(check("s3://b/d/?endpoint=https://minio.example&region=eu"));
}

}  // namespace
}  // namespace herder::remote
