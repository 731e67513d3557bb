#include "worker/bucket_fetch.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "worker/persist.h"
#include "worker/signed_batches.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr int kTries = 8;
// Of files that may be large: their URLs live for hours.
constexpr std::size_t kUrlsAtOnce = 32;

// The files of one listing in one folder that are whole, a line each, on the machine's disk.
class DoneNote {
  public:
    DoneNote(const std::string& path, const std::string& listing, const std::string& folder)
        : path_(path) {
        std::ifstream file(path);
        std::string line;
        const std::string head = listing + " " + folder;
        const bool is_ours = std::getline(file, line) && line == head;
        while (is_ours && std::getline(file, line))
            done_.insert(line);
        file.close();
        if (!is_ours) std::ofstream(path, std::ios::trunc) << head << "\n";
    }
    bool has(const std::string& name) const { return done_.contains(name); }
    void add(const std::string& name) {
        const std::lock_guard lock(mutex_);
        std::ofstream(path_, std::ios::app) << name << "\n";
    }

  private:
    const std::string path_;
    std::set<std::string> done_;
    std::mutex mutex_;  // of the file
};

std::vector<std::size_t> missing_of(const protocol::Listing& listing, const DoneNote& note,
                                    const std::string& folder) {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < listing.files.size(); ++i) {
        const protocol::ListedFile& file = listing.files[i];
        std::error_code failed;
        const auto size = fs::file_size(folder + "/" + file.path, failed);
        const bool is_here =
            note.has(file.path) && !failed && size == static_cast<std::uintmax_t>(file.size);
        if (!is_here) missing.push_back(i);
    }
    return missing;
}

// Which content it is, for ever: its address without the signature, its ETag and its size. Empty
// where that is not known; a weak ETag promises no equal bytes (RFC 9110, 8.8.1).
std::string name_of(const protocol::ListedFile& file, const std::string& url) {
    if (file.etag.empty() || file.etag.starts_with("W/")) return "";
    return url.substr(0, url.find('?')) + "\n" + file.etag + "\n" + std::to_string(file.size);
}

}  // namespace

Result<protocol::Listing> BucketFetch::fetch_listing(const TreeSource& source) {
    const auto text =
        fetch_document(parts_.link, parts_.cancel, source.url,
                       {protocol::listing_of_key(source.key), protocol::kListingSizeMax});
    if (!text) return text.error();
    return protocol::parse_listing(*text);
}

Status BucketFetch::download(const protocol::ListedFile& file, const std::string& url,
                             const std::string& part) {
    const auto fetch = [&]() -> Status {
        return parts_.link.download({.url = url,
                                     .path = part,
                                     .cancel = &parts_.cancel,
                                     .on_piece = {},
                                     .etag = file.etag});
    };
    Status done = persist(fetch, {kTries, parts_.cancel.descriptor()});
    if (!done && done.error().code == ErrorCode::kConflict) {
        return invalid("the object " + file.path +
                       " is another one than when the job was submitted; submit it again");
    }
    if (!done) return done;
    std::error_code failed;
    if (fs::file_size(part, failed) != static_cast<std::uintmax_t>(file.size) || failed) {
        return invalid("the object " + file.path +
                       " has another size than when the job was "
                       "submitted; submit it again");
    }
    return done;
}

Status BucketFetch::fetch_file(const protocol::ListedFile& file, const std::string& url,
                               const std::string& folder) {
    const std::string path = folder + "/" + file.path;
    const std::string part = path + ".herder-part";
    std::error_code failed;
    fs::create_directories(fs::path(path).parent_path(), failed);
    if (failed) return unavailable("making the folder of " + path + ": " + failed.message());
    const auto fetch = [&] { return download(file, url, part); };
    const std::string name = name_of(file, url);
    const bool is_cached = parts_.cache != nullptr && !name.empty();
    Status done = is_cached ? parts_.cache->bring({{}, name, part, parts_.cancel}, fetch) : fetch();
    if (!done) return done;
    fs::rename(part, path, failed);
    if (failed) return unavailable("writing " + path + ": " + failed.message());
    return ok();
}

Status BucketFetch::run(const TreeSource& source, const std::string& folder) {
    const auto listing = fetch_listing(source);
    if (!listing) return listing.error().with_context(source.name);
    const std::string hash = protocol::listing_of_key(source.key);
    const std::string noted = sha256_hex(hash + folder).substr(0, 16);
    DoneNote note(parts_.home + "/listing-" + noted + ".done", hash, folder);
    const std::vector<std::size_t> missing = missing_of(*listing, note, folder);
    std::int64_t size = 0;
    for (const std::size_t i : missing)
        size += listing->files[i].size;
    if (const Status fits = check_disk(folder, size, source.name); !fits) return fits;
    const Bytes spared = spared_by(parts_.cache);
    FetchProgress progress(source.name, size, parts_.say);
    const auto fetch = [&](std::size_t index, const std::string& url) -> Status {
        const protocol::ListedFile& file = listing->files[index];
        Status done = fetch_file(file, url, folder);
        if (!done) return done;
        note.add(file.path);
        progress.add(file.size);
        return done;
    };
    SignedBatches batches({parts_.link, parts_.cancel, source.key, kUrlsAtOnce});
    if (const Status done = batches.run(missing, fetch); !done)
        return done.error().with_context(source.name);
    const std::int64_t cached = spared_by(parts_.cache).count - spared.count;
    parts_.say(source.name + ": " + std::to_string(missing.size()) + " files, " +
               to_text(Bytes{size - cached}) + " fetched" +
               (cached > 0 ? ", " + to_text(Bytes{cached}) + " came from the host's cache" : "") +
               (missing.size() < listing->files.size() ? ", the others were here already" : ""));
    return ok();
}

}  // namespace herder
