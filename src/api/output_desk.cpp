#include "api/output_desk.h"

#include <algorithm>

#include "base/log.h"
#include "engine/upload_completion.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

// What fits into fewer than five parts gains little by them, and costs three requests more.
constexpr Bytes kWholeMax{64 << 20};
constexpr std::size_t kBooksMax = 1000;
constexpr std::size_t kPendingMax = 10'000;

std::string key_of(const OutputDesk::Owner& owner, const std::string& path) {
    return protocol::outputs_prefix(owner.team, owner.attempt.job) + path;
}

// What tells its object from those of other attempts, and of other bytes.
std::string mark_of(const OutputDesk::Owner& owner, const protocol::SentOutput& output) {
    return std::to_string(owner.attempt.fence.value) + "-" + std::to_string(output.size.count) +
           "-" + std::to_string(output.crc32c);
}

// A conflict is what an attempt is told that does not count any more; none of the store's is that.
Error of_store(Error error) {
    if (error.code == ErrorCode::kConflict) error.code = ErrorCode::kUnavailable;
    return error;
}
Status of_store(const Status& status) {
    return status ? status : Status(of_store(status.error()));
}

}  // namespace

bool OutputDesk::takes_parts(Bytes size) const {
    const MultipartUploads* uploads = objects_.multipart();
    return uploads != nullptr && size > std::max(kWholeMax, uploads->limits().part_size_min);
}

Status OutputDesk::begin(const Owner& owner, const std::vector<std::string>& whole) {
    if (objects_.multipart() == nullptr) return ok();
    const auto book = open_book(owner);
    if (!book) return book.error();
    for (const std::string& path : whole) {
        if (auto idle = check_idle(owner, path); !idle) return idle;
    }
    bool has_changed = false;
    for (const std::string& path : whole) {
        const auto found = (*book)->uploads.find(path);
        if (found == (*book)->uploads.end()) continue;
        if (!found->second.is_done) give_up(key_of(owner, path), found->second.upload);
        (*book)->uploads.erase(found);
        has_changed = true;
    }
    return has_changed ? save(owner, **book) : ok();
}

Result<OutputDesk::Book*> OutputDesk::open_book(const Owner& owner) {
    const auto known = books_.find(owner.attempt.job);
    if (known != books_.end() && known->second.fence == owner.attempt.fence) return &known->second;
    // Its own uploads would be given up.
    if (known != books_.end() && known->second.fence > owner.attempt.fence)
        return Error{ErrorCode::kConflict, "a later attempt of this job has begun"};
    const auto making = making_.find(owner.attempt.job);
    if (making != making_.end() && making->second.owner.attempt.fence != owner.attempt.fence) {
        return unavailable("an output of another attempt is being put together; ask again");
    }
    auto uploads = load(owner);
    if (!uploads) return uploads.error();
    if (books_.size() >= kBooksMax) books_.clear();  // they are read again
    Book& book = books_[owner.attempt.job];
    book = {owner.attempt.fence, std::move(*uploads)};
    give_up_strangers(owner, book);
    return &book;
}

Result<OutputDesk::Uploads> OutputDesk::load(const Owner& owner) {
    const auto text = objects_.get(protocol::output_uploads_key(owner.team, owner.attempt),
                                   protocol::kOutputUploadsSizeMax);
    Uploads uploads;
    if (!text && text.error().code == ErrorCode::kNotFound) return uploads;
    if (!text) return text.error();
    // What a damaged one named is begun anew.
    const auto parsed = protocol::parse_output_uploads(*text);
    if (!parsed) return uploads;
    for (const protocol::OutputUpload& one : parsed->uploads)
        uploads[one.output.path] = one;
    return uploads;
}

Status OutputDesk::save(const Owner& owner, const Book& book) {
    protocol::OutputUploads all;
    for (const auto& [path, upload] : book.uploads)
        all.uploads.push_back(upload);
    return of_store(objects_.put(protocol::output_uploads_key(owner.team, owner.attempt),
                                 protocol::to_json(all), false));
}

// Of earlier attempts, and of a server that could not write down any more what it had begun.
// Nobody completes them: where they cannot be given up now, the sweep does it.
void OutputDesk::give_up_strangers(const Owner& owner, const Book& book) {
    const std::string prefix = key_of(owner, "");
    const auto pending = objects_.multipart()->pending(prefix, kPendingMax);
    if (!pending) {
        log_warn("storage.uploads_unlisted", {{"key", prefix}, {"why", pending.error().message}});
        return;
    }
    for (const PendingUpload& one : *pending) {
        if (!one.key.starts_with(prefix)) continue;
        const auto own = book.uploads.find(one.key.substr(prefix.size()));
        if (own != book.uploads.end() && own->second.upload == one.upload) continue;
        give_up(one.key, one.upload);
    }
}

void OutputDesk::give_up(const std::string& key, const std::string& upload) {
    const Status aborted = objects_.multipart()->abort({key, upload, {}});
    if (aborted) log_info("storage.upload_given_up", {{"key", key}});
}

// Whoever began the file anew now would pull its parts from under the object.
Status OutputDesk::check_idle(const Owner& owner, const std::string& path) const {
    const auto making = making_.find(owner.attempt.job);
    if (making == making_.end() || making->second.upload.output.path != path) return ok();
    return unavailable("the output " + path + " is being put together; ask again");
}

Status OutputDesk::start(const Owner& owner, Book& book, const protocol::SentOutput& output) {
    const std::string key = key_of(owner, output.path);
    const auto created = objects_.multipart()->create_marked(key, mark_of(owner, output));
    if (!created) return of_store(created.error());
    book.uploads[output.path] = {output, *created};
    const Status saved = save(owner, book);
    if (saved) return ok();
    book.uploads.erase(output.path);
    give_up(key, *created);
    return saved;
}

Result<protocol::PartsResponse> OutputDesk::sign(const Owner& owner,
                                                 const protocol::OutputPartsRequest& wish,
                                                 WallTime expires) {
    if (objects_.multipart() == nullptr) return invalid("this store takes objects only whole");
    const auto opened = open_book(owner);
    if (!opened) return opened.error();
    Book& book = **opened;
    const protocol::SentOutput& output = wish.output;
    if (auto idle = check_idle(owner, output.path); !idle) return idle.error();
    const std::string key = key_of(owner, output.path);
    const auto known = book.uploads.find(output.path);
    if (known != book.uploads.end() && known->second.output != output) {
        if (!known->second.is_done) give_up(key, known->second.upload);
        book.uploads.erase(known);
    }
    // The second time for an upload that is gone.
    for (int round = 0; round < 2; ++round) {
        if (!book.uploads.contains(output.path)) {
            if (auto started = start(owner, book, output); !started) return started.error();
        }
        protocol::OutputUpload& upload = book.uploads.at(output.path);
        if (upload.is_done) return protocol::PartsResponse{{}, 0, 1};
        protocol::PartsRequest parts{{}, 0, wish.from, wish.crc32c};
        auto answer = parts_.sign({{key, output.size, upload.upload}}, parts, expires);
        if (answer || answer.error().code != ErrorCode::kNotFound) return answer;
        const auto made = was_made(owner, upload);
        if (!made) return made.error();
        upload.is_done = *made;
        if (*made) continue;
        give_up(key, upload.upload);  // it may be there, cut into parts of another size
        book.uploads.erase(output.path);
    }
    return unavailable("the upload of " + key + " is gone; ask again");
}

// An upload that is gone was completed, and only the answer was lost, or somebody has given it up.
Result<bool> OutputDesk::was_made(const Owner& owner, const protocol::OutputUpload& upload) const {
    const std::string key = key_of(owner, upload.output.path);
    const auto left = objects_.multipart()->parts({key, upload.upload, {}});
    if (left) return false;
    if (left.error().code != ErrorCode::kNotFound) return unread(left.error());
    return is_there(owner, upload);
}

// Whatever the store does not prove is sent again: another attempt's may have the same size.
Result<bool> OutputDesk::is_there(const Owner& owner, const protocol::OutputUpload& upload) const {
    const auto now = objects_.head(key_of(owner, upload.output.path));
    if (!now && now.error().code == ErrorCode::kNotFound) return false;
    if (!now) return unread(now.error());
    if (now->size != upload.output.size) return false;
    if (now->crc32c) return *now->crc32c == upload.output.crc32c;
    return now->made_by == upload.upload || now->made_by == mark_of(owner, upload.output);
}

Result<std::optional<OutputDesk::Making>> OutputDesk::prepare(const Owner& owner,
                                                              const protocol::SentOutput& sent) {
    if (objects_.multipart() == nullptr) return invalid("this store takes objects only whole");
    const auto opened = open_book(owner);
    if (!opened) return opened.error();
    const auto known = (*opened)->uploads.find(sent.path);
    if (known == (*opened)->uploads.end() || known->second.output != sent)
        return not_found("nothing of this file was begun; ask where its parts go");
    if (known->second.is_done) return std::optional<Making>{};
    const auto [making, is_first] =
        making_.try_emplace(owner.attempt.job, Making{owner, known->second});
    if (is_first) return std::optional<Making>{making->second};
    return unavailable("the output " + making->second.upload.output.path +
                       " is being put together; ask again");
}

Status OutputDesk::make(const Making& making, const std::function<Status()>& may_change) const {
    if (auto may = may_change(); !may) return may;
    const protocol::OutputUpload& upload = making.upload;
    const std::string key = key_of(making.owner, upload.output.path);
    MultipartUploads& uploads = *objects_.multipart();
    const PendingUpload pending{key, upload.upload, {}};
    const CheckpointFile file{upload.output.path, upload.output.size, upload.output.crc32c, 0644};
    auto made = complete_upload(uploads, pending, file);
    // Some stores make no object over another one (Azure, as azure_uploads.cpp asks): that of an
    // earlier attempt, which may have come after the upload was begun. A later one's stays.
    if (!made && made.error().code == ErrorCode::kConflict) {
        if (auto may = may_change(); !may) return may;
        const Status removed = objects_.remove(key);
        if (!removed && removed.error().code != ErrorCode::kNotFound) return of_store(removed);
        made = complete_upload(uploads, pending, file);
    }
    if (!made && made.error().code != ErrorCode::kNotFound) return of_store(made.error());
    if (!made) {
        const auto was = was_made(making.owner, upload);
        if (!was) return was.error();
        if (!*was) return made.error();
    }
    return check_object(key, upload.output);
}

Status OutputDesk::check_object(const std::string& key, const protocol::SentOutput& sent) const {
    const auto info = objects_.head(key);
    if (!info) return unread(info.error());
    if (info->size != sent.size)
        return Error{ErrorCode::kCorrupt, "the object " + key + " has another size than the file"};
    if (info->crc32c && *info->crc32c != sent.crc32c) {
        return Error{ErrorCode::kCorrupt,
                     "the object " + key + " has another checksum than the file"};
    }
    return ok();
}

Status OutputDesk::finish(const Making& making, const Status& made) {
    making_.erase(making.owner.attempt.job);
    const bool is_wrong = !made && made.error().code == ErrorCode::kCorrupt;
    if (!made && !is_wrong) return made;
    const std::string& path = making.upload.output.path;
    const std::string key = key_of(making.owner, path);
    if (is_wrong) give_up(key, making.upload.upload);
    const auto opened = open_book(making.owner);
    Status saved = opened ? ok() : Status(opened.error());
    if (opened) {
        Book& book = **opened;
        const auto known = book.uploads.find(path);
        const bool is_same =
            known != book.uploads.end() && known->second.upload == making.upload.upload;
        if (is_same && is_wrong) book.uploads.erase(known);
        if (is_same && !is_wrong) known->second.is_done = true;
        saved = save(making.owner, book);
    }
    // Without it the server after this one finds out from the object.
    if (!saved)
        log_warn("storage.uploads_not_noted", {{"key", key}, {"why", saved.error().message}});
    return is_wrong ? Status(not_found(made.error().message)) : made;
}

}  // namespace herder::api
