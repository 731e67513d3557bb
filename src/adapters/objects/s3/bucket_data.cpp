#include "adapters/objects/s3/bucket_data.h"

#include <algorithm>

#include "adapters/objects/remote/xml_tree.h"
#include "adapters/objects/s3/object_pages.h"
#include "base/confined_path.h"

namespace herder::s3 {

namespace {

constexpr std::string_view kScheme = "s3://";

// Where the location's own settings begin; the end of the text without any.
std::size_t settings_of(const std::string& source) {
    const std::size_t mark = source.rfind('?');
    if (mark == source.npos) return source.size();
    for (const char* name : {"endpoint=", "region=", "addressing="}) {
        if (std::string_view(source).substr(mark + 1).starts_with(name)) return mark;
    }
    return source.size();
}

std::string where(const DataPlace& place) {
    return "s3://" + place.location.bucket + "/" + place.key;
}

Error no_such(const DataPlace& place) {
    const std::string hint = place.is_folder()
                                 ? "; is its name right, and does it end with a slash?"
                                 : "; for all below a folder write a slash at its end";
    return not_found("there is nothing at " + where(place) + hint);
}

Result<std::vector<BucketFile>> look_at_one(S3Client& client, const DataPlace& place) {
    S3Request request;
    request.method = "HEAD";
    request.key = place.key;
    const auto done = client.call(request);
    if (!done && done.error().error.code == ErrorCode::kNotFound) return no_such(place);
    if (!done) return done.error().error.with_context("looking at " + where(place));
    const http::Headers& headers = done->response.headers;
    return std::vector{
        BucketFile{place.key.substr(place.key.rfind('/') + 1),
                   Bytes{remote::to_number(headers.get("content-length").value_or("0"))},
                   std::string(headers.get("etag").value_or(""))}};
}

}  // namespace

Result<DataPlace> parse_data_place(const std::string& source) {
    if (!source.starts_with(kScheme)) {
        return invalid("'" + source +
                       "' names no bucket; write s3://BUCKET/FOLDER/ or "
                       "s3://BUCKET/KEY");
    }
    const std::size_t end = settings_of(source);
    const std::size_t slash = std::min(source.find('/', kScheme.size()), end);
    auto location = parse_location(source.substr(0, slash) + source.substr(end));
    if (!location) return location.error();
    return DataPlace{std::move(*location),
                     slash < end ? source.substr(slash + 1, end - slash - 1) : ""};
}

Result<std::vector<BucketFile>> list_data(S3Client& client, const DataPlace& place,
                                          std::size_t limit) {
    if (!place.is_folder()) return look_at_one(client, place);
    std::vector<BucketFile> files;
    PageWish wish{.prefix = place.key, .token = ""};
    do {
        const auto page = list_page(client, wish);
        if (!page) return page.error();
        for (const ListedObject& object : page->objects) {
            std::string path = object.key.substr(place.key.size());
            // Browsers of buckets leave such objects to show a folder.
            if (path.empty() || path.ends_with('/')) continue;
            if (!is_confined_path(path) || path.find("//") != path.npos) {
                return invalid("the object '" + object.key + "' in " + where(place) +
                               " cannot be a file below a folder; rename it, or name another "
                               "folder");
            }
            files.push_back({std::move(path), object.size, object.etag});
        }
        if (files.size() > limit) {
            return invalid("there are more than " + std::to_string(limit) + " files in " +
                           where(place) + "; name a smaller folder, or pack them");
        }
        wish.token = page->token;
    } while (!wish.token.empty());
    if (files.empty()) return no_such(place);
    std::sort(files.begin(), files.end(),
              [](const BucketFile& a, const BucketFile& b) { return a.path < b.path; });
    return files;
}

Result<std::string> sign_data(S3Client& client, const DataPlace& place, const std::string& path,
                              Duration life) {
    S3Request request;
    request.key = place.is_folder() ? place.key + path : place.key;
    return client.presign(request, life);
}

}  // namespace herder::s3
