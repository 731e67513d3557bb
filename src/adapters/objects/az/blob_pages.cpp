#include "adapters/objects/az/blob_pages.h"

#include <algorithm>

#include "adapters/http/http_date.h"
#include "adapters/objects/remote/xml_tree.h"

namespace herder::az {

Result<BlobPage> list_page(AzureClient& client, const PageWish& wish) {
    const std::string doing = "listing the objects " + wish.prefix;
    AzureRequest request;
    request.container = wish.container;
    request.query = {{"restype", "container"}, {"comp", "list"}};
    if (!wish.prefix.empty()) request.query.emplace_back("prefix", wish.prefix);
    if (!wish.marker.empty()) request.query.emplace_back("marker", wish.marker);
    if (wish.entries_max)
        request.query.emplace_back("maxresults", std::to_string(*wish.entries_max));
    const auto done = client.call(request);
    if (!done) return done.error().error.with_context(doing);
    const auto xml = remote::parse_answer(done->response.body);
    if (!xml) return xml.error().with_context(doing);
    BlobPage page;
    for (const remote::XmlNode& node : xml->child("Blobs").children) {
        const remote::XmlNode& about = node.child("Properties");
        // Accounts with a hierarchical namespace list folders as blobs.
        const bool is_folder = about["ResourceType"] == "directory";
        if (node.name != "Blob" || is_folder || !node["Name"].starts_with(wish.prefix)) continue;
        std::string etag = about["Etag"];
        std::erase(etag, '"');
        page.blobs.push_back({node["Name"], Bytes{remote::to_number(about["Content-Length"])},
                              std::move(etag), http::parse_http_date(about["Last-Modified"])});
    }
    page.marker = (*xml)["NextMarker"];
    // Without progress this would never end.
    if (!page.marker.empty() && page.marker == wish.marker)
        return Error{ErrorCode::kCorrupt, doing + ": the store repeats the same page"};
    return page;
}

}  // namespace herder::az
