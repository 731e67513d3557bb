// Work folders as archives named by their hash: uploaded once, however many jobs use them.
#include "api/disk_work.h"
#include "api/file_hashes.h"
#include "api/routes.h"
#include "api/tree_sweep.h"
#include "base/digest.h"
#include "protocol/layout.h"
#include "protocol/tree_json.h"

namespace herder::api {

namespace {

Problem too_large(std::size_t limit) {
    Problem wrong(invalid("the archive of the work folder is larger than " +
                          to_text(Bytes{static_cast<std::int64_t>(limit)}) +
                          "; leave out data with .herderignore"));
    wrong.row = &row_of_too_large();
    return wrong;
}

// An upload on its way into the store.
struct Upload {
    ObjectStore& objects;
    TreeSweep& sweep;
    const Options& options;
    ExchangePtr exchange;
    std::string sha256;
    std::string body;
    std::shared_ptr<SpooledFile> file;  // instead of `body`; as in Request
    std::uint32_t crc32c = 0;
};

Result<std::string> hash_of(const Upload& upload) {
    if (upload.file) return hash_file(upload.file->path());
    return sha256_hex(upload.body);
}

Status store(const Upload& upload, const std::string& key) {
    if (!upload.file) return upload.objects.put(key, upload.body, true);
    if (!upload.options.adopt) return unavailable("this store takes no large uploads");
    return upload.options.adopt(key, upload.file->take(), upload.crc32c);
}

void answer_object(const ExchangePtr& exchange, int status, const std::string& key) {
    Response response;
    response.status = status;
    response.body = R"({"object":")" + key + "\"}";
    exchange->respond(std::move(response));
}

// On the thread for files.
void take_in(const Upload& upload) {
    const Result<std::string> hash = hash_of(upload);
    if (!hash) return refuse(upload.exchange, hash.error());
    if (*hash != upload.sha256) {
        return refuse(upload.exchange,
                      invalid("the archive does not have the hash in its name, but " + *hash));
    }
    const std::string key = protocol::workdir_key(upload.sha256);
    const bool is_there = upload.objects.head(key).has_value();
    const Status stored = is_there ? ok() : store(upload, key);
    if (!stored && stored.error().code != ErrorCode::kConflict)
        return refuse(upload.exchange, stored.error());
    upload.sweep.note(key, upload.options.wall());
    answer_object(upload.exchange, is_there || !stored ? 200 : 201, key);
}

// Answers itself where the name is none.
bool has_good_name(const Call& call) {
    const std::string& name = call.name("sha256");
    if (!protocol::is_sha256(name)) call.fail(invalid("'" + name + "' is not a SHA-256 in hex"));
    return protocol::is_sha256(name);
}

void put_archive(const Call& call) {
    if (!has_good_name(call)) return;
    const auto size = call.request.body_file ? static_cast<std::size_t>(call.request.body_size)
                                             : call.request.body.size();
    if (size > call.options.workdir_limit) return call.fail(too_large(call.options.workdir_limit));
    // Shared with the task.
    const auto upload = std::make_shared<Upload>(Upload{
        call.parts.objects, call.own.sweep, call.options, call.exchange, call.name("sha256"),
        std::move(call.request.body), std::move(call.request.body_file), call.request.body_crc32c});
    if (!call.own.disk.run([upload] { take_in(*upload); })) call.fail(too_much_work());
}

void find_archive(const Call& call) {
    if (!has_good_name(call)) return;
    const auto look = [&objects = call.parts.objects, &sweep = call.own.sweep,
                       &options = call.options, exchange = call.exchange,
                       key = protocol::workdir_key(call.name("sha256"))] {
        const Result<ObjectInfo> info = objects.head(key);
        if (!info) return refuse(exchange, info.error());
        sweep.note(key, options.wall());
        answer_object(exchange, 200, key);
    };
    if (!call.own.disk.run(look)) call.fail(too_much_work());
}

}  // namespace

std::vector<Route> workdir_routes() {
    return {{"PUT", "/workdirs/{sha256}", {}, put_archive},
            {"GET", "/workdirs/{sha256}", {}, find_archive}};
}

}  // namespace herder::api
