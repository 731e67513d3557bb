#include "adapters/objects/remote/bucket_reader.h"

#include <algorithm>

#include "adapters/objects/remote/xml_tree.h"
#include "base/confined_path.h"

namespace herder::remote {

namespace {

// Of the URL that is signed for nobody.
constexpr Duration kTrialLife = minutes(1);

std::string where(BucketAddress place) {
    place.settings.clear();
    return to_text(place);
}

Error no_such(const BucketAddress& place) {
    const std::string hint = place.is_folder()
                                 ? "; is its name right, and does it end with a slash?"
                                 : "; for all below a folder write a slash at its end";
    return not_found("there is nothing at " + where(place) + hint);
}

// Adds the page's files.
Status take(const BucketPage& page, const BucketAddress& place, std::vector<BucketFile>& files) {
    for (const BucketObject& object : page.objects) {
        std::string path = object.key.substr(place.key.size());
        // Browsers of buckets leave such objects to show a folder.
        if (path.empty() || path.ends_with('/')) continue;
        if (!is_confined_path(path) || path.find("//") != path.npos) {
            return invalid("the object '" + object.key + "' in " + where(place) +
                           " cannot be a file below a folder; rename it, or name another folder");
        }
        files.push_back({std::move(path), object.size, object.etag});
    }
    return ok();
}

Result<std::vector<BucketFile>> list_folder(BucketReader& bucket, const BucketAddress& place,
                                            std::size_t limit) {
    std::vector<BucketFile> files;
    std::string token;
    do {
        const auto page = bucket.page(place.key, token);
        if (!page) return page.error();
        if (auto taken = take(*page, place, files); !taken) return taken.error();
        if (files.size() > limit) {
            return invalid("there are more than " + std::to_string(limit) + " files in " +
                           where(place) + "; name a smaller folder, or pack them");
        }
        token = page->token;
    } while (!token.empty());
    std::sort(files.begin(), files.end(),
              [](const BucketFile& a, const BucketFile& b) { return a.path < b.path; });
    return files;
}

Result<std::vector<BucketFile>> list_one(BucketReader& bucket, const BucketAddress& place) {
    auto object = bucket.look(place.key);
    if (!object) return object.error().with_context("looking at " + where(place));
    if (!*object) return std::vector<BucketFile>{};
    return std::vector{
        BucketFile{place.key.substr(place.key.rfind('/') + 1), (*object)->size, (*object)->etag}};
}

}  // namespace

BucketObject object_of(const std::string& key, const http::Headers& headers) {
    return {key, Bytes{to_number(headers.get("content-length").value_or("0"))},
            std::string(headers.get("etag").value_or(""))};
}

Result<std::vector<BucketFile>> list_data(BucketReader& bucket, const BucketAddress& place,
                                          std::size_t limit) {
    auto files = place.is_folder() ? list_folder(bucket, place, limit) : list_one(bucket, place);
    if (!files) return files;
    if (files->empty()) return no_such(place);
    const auto url = sign_data(bucket, place, files->front().path, kTrialLife);
    if (!url) return url.error().with_context("signing URLs of " + where(place));
    return files;
}

Result<std::string> sign_data(BucketReader& bucket, const BucketAddress& place,
                              const std::string& path, Duration life) {
    return bucket.sign(place.is_folder() ? place.key + path : place.key, life);
}

}  // namespace herder::remote
