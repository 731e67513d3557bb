#include "worker/tree_fetch.h"

#include <sys/statvfs.h>

#include <filesystem>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/gzip_text.h"
#include "worker/persist.h"
#include "worker/signed_batches.h"
#include "worker/tree_files.h"

namespace herder {
namespace {

constexpr int kTries = 8;
constexpr std::size_t kUrlsAtOnce = 256;
// Packed pieces that do not shrink are a little longer than their content.
constexpr std::size_t kPackedMax = protocol::kChunkSizeMax + (64 << 10);
constexpr std::int64_t kDiskReserve = 64 << 20;

std::string size_text(std::int64_t size) {
    return to_text(Bytes{size});
}

}  // namespace

Status check_disk(const std::string& folder, std::int64_t needed, const std::string& what) {
    std::error_code failed;
    std::filesystem::path place = folder;
    while (!std::filesystem::exists(place, failed) && place.has_relative_path())
        place = place.parent_path();
    struct statvfs disk{};
    if (::statvfs(place.c_str(), &disk) != 0) return ok();  // the writing will tell
    const auto free = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
    if (needed + kDiskReserve <= free) return ok();
    return Error{ErrorCode::kNoCapacity, what + " needs " + size_text(needed) + " on " + folder +
                                             ", where " + size_text(free) +
                                             " are free; ask for more with resources: {disk: ...}"};
}

Result<std::string> fetch_document(ServerLink& link, const http::CancelToken& cancel,
                                   const std::string& url, const DocumentWish& wish) {
    std::string packed;
    const Status fetched = persist(
        [&]() -> Status {
            auto answer = link.fetch(url, wish.size_max, &cancel);
            if (!answer) return answer.error();
            packed = std::move(*answer);
            return ok();
        },
        {kTries, cancel.descriptor()});
    if (!fetched) return fetched.error();
    Result<std::string> text = gunzip_text(packed, wish.size_max);
    if (!text) return text.error();
    if (sha256_hex(*text) != wish.sha256)
        return Error{ErrorCode::kCorrupt, "the list of its files does not verify"};
    return text;
}

Result<protocol::Tree> TreeFetch::fetch_tree(const TreeSource& source) {
    const auto text = fetch_document(parts_.link, parts_.cancel, source.url,
                                     {protocol::tree_of_key(source.key), protocol::kTreeSizeMax});
    if (!text) return text.error();
    return protocol::parse_tree(*text);
}

Result<std::string> TreeFetch::download_piece(const protocol::TreeChunk& chunk,
                                              const std::string& url) {
    std::string piece;
    const Status fetched = persist(
        [&]() -> Status {
            const auto packed = parts_.link.fetch(url, kPackedMax, &parts_.cancel);
            if (!packed) return packed.error();
            auto content = gunzip_text(*packed, static_cast<std::size_t>(chunk.size));
            // Damage on the way is repaired by another try.
            if (!content || sha256_hex(*content) != chunk.sha256)
                return unavailable("a piece does not verify");
            piece = std::move(*content);
            return ok();
        },
        {kTries, parts_.cancel.descriptor()});
    if (!fetched) return fetched.error();
    return piece;
}

Status TreeFetch::fetch_piece(const TreeFiles& files, const protocol::TreeChunk& chunk,
                              std::size_t index, const std::string& url) {
    const auto download = [&] { return download_piece(chunk, url); };
    const DataCache::PieceWish wish{chunk.sha256, static_cast<std::size_t>(chunk.size),
                                    parts_.cancel};
    const auto content =
        parts_.cache == nullptr ? download() : parts_.cache->bring_piece(wish, download);
    if (!content) return content.error();
    return files.write(index, *content);
}

Status TreeFetch::run(const TreeSource& source, const std::string& folder) {
    const Result<protocol::Tree> tree = fetch_tree(source);
    if (!tree) return tree.error().with_context(source.name);
    TreeFiles files(*tree, folder);
    if (const Status fits = check_disk(folder, files.missing_bytes(), source.name); !fits)
        return fits;
    if (const Status made = files.create(); !made) return made.error().with_context(source.name);
    std::vector<std::size_t> wanted;
    std::int64_t size = 0;
    for (std::size_t i = 0; i < tree->chunks.size(); ++i) {
        if (files.has(i)) continue;
        wanted.push_back(i);
        size += tree->chunks[i].size;
    }
    const Bytes spared = spared_by(parts_.cache);
    FetchProgress progress(source.name, size, parts_.say);
    const auto fetch = [&](std::size_t index, const std::string& url) -> Status {
        Status done = fetch_piece(files, tree->chunks[index], index, url);
        if (done) progress.add(tree->chunks[index].size);
        return done;
    };
    SignedBatches batches({parts_.link, parts_.cancel, source.key, kUrlsAtOnce});
    if (const Status fetched = batches.run(wanted, fetch); !fetched)
        return fetched.error().with_context(source.name);
    if (const Status done = files.finish(); !done) return done.error().with_context(source.name);
    const std::int64_t kept = tree->size().count - size;
    const std::int64_t cached = spared_by(parts_.cache).count - spared.count;
    parts_.say(source.name + ": fetched " + size_text(size - cached) +
               (kept > 0 ? ", " + size_text(kept) + " were here already" : "") +
               (cached > 0 ? ", " + size_text(cached) + " came from the host's cache" : ""));
    return ok();
}

}  // namespace herder
