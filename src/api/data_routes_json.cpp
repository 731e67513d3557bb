// Data in users' own buckets: looked up when a job is submitted, so that what its machine fetches
// later is what was there then.
#include "api/body_json.h"
#include "api/disk_work.h"
#include "api/routes.h"
#include "base/confined_path.h"
#include "base/digest.h"
#include "base/gzip_text.h"
#include "protocol/listing_json.h"

namespace herder::api {

namespace {

struct Wish {
    std::string source;
    std::string name;  // of the file on the machine, where the source is one object
};

std::optional<Wish> read_wish(const Call& call) {
    BodyReader reader;
    Wish wish;
    if (const auto body = reader.parse(call.request.body)) {
        reader.check_keys(*body, "", {"source", "name"});
        wish = {reader.text(*body, "", "source"), reader.text(*body, "", "name")};
        if (wish.source.empty()) {
            reader.complain("/source", "the source is missing",
                            "write s3://BUCKET/FOLDER/ or s3://BUCKET/KEY, and so with gs:// or "
                            "az://ACCOUNT/CONTAINER");
        }
        const bool is_name = wish.name.find('/') == wish.name.npos && is_confined_path(wish.name);
        if (!wish.name.empty() && !is_name)
            reader.complain("/name", "'" + wish.name + "' cannot be a file's name");
    }
    if (reader.is_good()) return wish;
    call.fail(reader.problem());
    return std::nullopt;
}

Result<protocol::Listing> look_up(DataBuckets& buckets, const Wish& wish) {
    const auto found = buckets.list(wish.source, protocol::kListedFilesMax);
    if (!found) return found.error();
    protocol::Listing listing{.source = wish.source, .files = {}};
    for (const BucketFile& file : *found)
        listing.files.push_back({file.path, file.size.count, file.etag});
    if (!wish.name.empty() && listing.files.size() == 1) listing.files[0].path = wish.name;
    return listing;
}

Result<std::string> store(ObjectStore& objects, const protocol::Listing& listing) {
    const std::string text = protocol::to_json(listing);
    if (text.size() > protocol::kListingSizeMax)
        return invalid("the names of the files in " + listing.source + " are too long together");
    const std::string key = protocol::listing_key(sha256_hex(text));
    const Status stored = objects.put(key, gzip_text(text), true);
    if (!stored && stored.error().code != ErrorCode::kConflict) return stored.error();
    return key;
}

void make_listing(const Call& call) {
    const auto wish = read_wish(call);
    if (!wish) return;
    if (call.options.buckets == nullptr) return call.fail(unavailable("no buckets are read here"));
    const auto look = [&objects = call.parts.objects, &buckets = *call.options.buckets,
                       exchange = call.exchange, wish = *wish] {
        const auto listing = look_up(buckets, wish);
        if (!listing) return refuse(exchange, listing.error());
        const auto key = store(objects, *listing);
        if (!key) return refuse(exchange, key.error());
        Response response;
        response.status = 201;
        response.body = protocol::to_json(protocol::ListingAnswer{
            *key, static_cast<std::int64_t>(listing->files.size()), listing->size().count});
        exchange->respond(std::move(response));
    };
    if (!call.own.buckets.run(look)) call.fail(too_much_work());
}

}  // namespace

std::vector<Route> data_routes() {
    return {{"POST", "/data/listings", {}, make_listing}};
}

}  // namespace herder::api
