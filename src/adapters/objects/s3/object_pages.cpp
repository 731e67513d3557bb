#include "adapters/objects/s3/object_pages.h"

#include <algorithm>

#include "adapters/objects/remote/xml_tree.h"
#include "adapters/objects/s3/s3_uploads.h"

namespace herder::s3 {

namespace {

constexpr std::size_t kPageMax = 1000;

}  // namespace

Result<ObjectPage> list_page(S3Client& client, const PageWish& wish) {
    const std::string doing = "listing the objects " + wish.prefix;
    S3Request request;
    request.query = {{"list-type", "2"},
                     {"prefix", wish.prefix},
                     {"max-keys", std::to_string(std::min(kPageMax, wish.entries_max))}};
    if (!wish.token.empty()) request.query.emplace_back("continuation-token", wish.token);
    const auto done = client.call(request);
    if (!done) return done.error().error.with_context(doing);
    const auto xml = remote::parse_answer(done->response.body);
    if (!xml) return xml.error().with_context(doing);
    ObjectPage page;
    for (const remote::XmlNode& node : xml->children) {
        if (node.name != "Contents" || !node["Key"].starts_with(wish.prefix)) continue;
        page.objects.push_back({node["Key"], Bytes{remote::to_number(node["Size"])}, node["ETag"],
                                parse_iso_time(node["LastModified"])});
    }
    page.token = (*xml)["NextContinuationToken"];
    if ((*xml)["IsTruncated"] == "true" && page.token.empty()) {
        return Error{ErrorCode::kCorrupt,
                     doing + ": the store says that more follow, but not how to ask"};
    }
    return page;
}

}  // namespace herder::s3
