#include "worker/job_data.h"

#include <filesystem>

#include "base/digest.h"
#include "worker/archive.h"
#include "worker/bucket_fetch.h"
#include "worker/persist.h"
#include "worker/tree_fetch.h"
#include "worker/url_fetch.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr int kTries = 8;

std::string name_of(const DataInput& input) {
    return input.target + " from " + input.source;
}

}  // namespace

std::string JobData::target_of(const DataInput& input) const {
    if (input.target.starts_with('/')) return input.target;
    return input.target == "." ? folders_.work : folders_.work + "/" + input.target;
}

Status JobData::fetch(const Wish& wish) {
    if (!protocol::tree_of_key(wish.spec.workdir_object).empty()) {
        const TreeSource source{wish.spec.workdir_object, wish.gifts.workdir_url,
                                "the work folder"};
        const Status done =
            TreeFetch({link_, wish.cancel, say_, wish.cache}).run(source, folders_.work);
        if (!done) return done;
    }
    for (std::size_t i = 0; i < wish.spec.inputs.size(); ++i) {
        const Status done = fetch_input(wish, i);
        if (!done) return done;
    }
    return ok();
}

Status JobData::fetch_input(const Wish& wish, std::size_t index) {
    const DataInput& input = wish.spec.inputs[index];
    const std::string target = target_of(input);
    const bool has_url =
        index < wish.gifts.input_urls.size() && !wish.gifts.input_urls[index].empty();
    if (input.url.empty() && !has_url)
        return not_found(name_of(input) + ": the server has no such data");
    if (!input.tree.empty()) {
        const TreeSource source{input.tree, wish.gifts.input_urls[index], name_of(input)};
        if (!protocol::listing_of_key(input.tree).empty())
            return BucketFetch({link_, wish.cancel, say_, wish.home, wish.cache})
                .run(source, target);
        return TreeFetch({link_, wish.cancel, say_, wish.cache}).run(source, target);
    }
    if (!input.unpack) return fetch_one_file(wish, index, target);
    const std::string archive = wish.home + "/fetched.tar.gz";
    Status done = fetch_one_file(wish, index, archive);
    if (done) done = unpack_archive(archive, target);
    std::error_code ignored;
    fs::remove(archive, ignored);
    // A broken archive that has the right hash is broken for everybody.
    if (!done && done.error().code == ErrorCode::kCorrupt)
        return invalid(name_of(input) + ": " + done.error().message);
    return done;
}

Status JobData::fetch_one_file(const Wish& wish, std::size_t index, const std::string& path) {
    const DataInput& input = wish.spec.inputs[index];
    if (!input.sha256.empty() && hash_of_file(path).value_or("") == input.sha256) {
        say_(name_of(input) + ": is here already");
        return ok();
    }
    std::error_code failed;
    fs::create_directories(fs::path(path).parent_path(), failed);
    if (failed) {
        return invalid(name_of(input) + ": cannot make the folder " +
                       fs::path(path).parent_path().string() + ": " + failed.message());
    }
    if (wish.cache == nullptr || input.sha256.empty()) return bring_one_file(wish, index, path);
    bool is_fetched = false;
    const auto fetch = [&] {
        is_fetched = true;
        return bring_one_file(wish, index, path);
    };
    Status done = wish.cache->bring({input.sha256, {}, path, wish.cancel}, fetch);
    if (done && !is_fetched) say_(name_of(input) + ": from the host's cache");
    return done;
}

Status JobData::bring_one_file(const Wish& wish, std::size_t index, const std::string& path) {
    const DataInput& input = wish.spec.inputs[index];
    const auto fetch = [&]() -> Status {
        if (input.url.empty()) return fetch_object(wish, index, path);
        return fetch_url({.url = input.url,
                          .path = path,
                          .sha256 = input.sha256,
                          .name = name_of(input),
                          .cancel = &wish.cancel,
                          .say = say_});
    };
    return persist(fetch, {kTries, wish.cancel.descriptor()});
}

Status JobData::fetch_object(const Wish& wish, std::size_t index, const std::string& path) {
    const DataInput& input = wish.spec.inputs[index];
    if (const Status fits = check_disk(path, input.size.count, name_of(input)); !fits) return fits;
    const std::string part = path + ".part";
    Sha256Stream digest;
    const Status read = link_.download({wish.gifts.input_urls[index], part, &wish.cancel,
                                        [&](std::string_view piece) { digest.update(piece); }});
    if (!read) return read.error().with_context(name_of(input));
    const std::string found = digest.finish_hex();
    if (!input.sha256.empty() && found != input.sha256) {
        return invalid(name_of(input) + ": what the store holds has the SHA-256 " + found +
                       ", not " + input.sha256);
    }
    std::error_code failed;
    fs::rename(part, path, failed);
    if (failed) return unavailable("writing " + path + ": " + failed.message());
    say_(name_of(input) + ": fetched " +
         to_text(Bytes{static_cast<std::int64_t>(fs::file_size(path, failed))}));
    return ok();
}

}  // namespace herder
