#include "artifact_home.h"

#include <filesystem>

#include "artifact_routes.h"

namespace herder {

namespace fs = std::filesystem;

namespace {

// Leftovers of the server before go.
Status make_empty_folder(const std::string& path) {
    std::error_code failed;
    fs::remove_all(path, failed);
    fs::create_directories(path, failed);
    if (!failed) fs::permissions(path, fs::perms::owner_all, failed);
    if (failed) return unavailable("making the folder " + path + ": " + failed.message());
    return ok();
}

}  // namespace

Result<std::unique_ptr<ArtifactHome>> ArtifactHome::open(const Options& options,
                                                         const Clock& calendar) {
    std::unique_ptr<ArtifactHome> home(new ArtifactHome(calendar));
    const auto chosen = settle_storage(options.data_dir, options.wish, home->world_);
    if (!chosen) return chosen.error();
    const Status opened =
        *chosen ? home->open_bucket(options, **chosen) : home->open_folder(options);
    if (!opened) return opened.error();
    const Status noted =
        remember_storage(options.data_dir, *chosen ? (*chosen)->name : kFolderStorage);
    if (!noted) return noted.error();
    return home;
}

Status ArtifactHome::open_folder(const Options& options) {
    FileStoreOptions files;
    files.folder = options.data_dir + "/artifacts";
    if (!options.prefix.empty()) files.folder += "/" + options.prefix;
    files.secret = options.secret;
    files.base_url = options.base_url;
    Result<std::unique_ptr<FileObjectStore>> opened = FileObjectStore::open(std::move(files));
    if (!opened) return opened.error();
    folder_ = std::move(*opened);
    objects_ = folder_.get();
    spool_folder_ = folder_->spool_folder();
    return ok();
}

Status ArtifactHome::open_bucket(const Options& options, const StorageRecord& chosen) {
    auto opened =
        open_storage({options.data_dir, chosen, options.prefix, options.owner, options.stopping},
                     world_, calendar_);
    if (!opened) return opened.error();
    bucket_ = std::move(*opened);
    renewal_ = std::make_unique<CredentialRenewal>(bucket_);
    objects_ = bucket_.store.get();
    spool_folder_ = options.data_dir + "/spool";
    return make_empty_folder(spool_folder_);
}

std::string ArtifactHome::words() const {
    const StorageRecord& record = bucket_.record;
    return folder_ ? kFolderStorage : record.name + " (" + record.location + ")";
}

std::function<Result<std::string>(const std::string&)> ArtifactHome::file_of() {
    if (!folder_) return nullptr;
    return [this](const std::string& key) { return folder_->file_of(key); };
}

Status ArtifactHome::adopt(const std::string& key, const std::string& file, std::uint32_t crc32c) {
    if (folder_) return folder_->adopt(key, file, crc32c, true);
    const Status put = bucket_.store->put_file(key, file, crc32c, true);
    std::error_code ignored;
    fs::remove(file, ignored);
    return put;
}

bool ArtifactHome::is_upload(const http::Request& head) const {
    return folder_ && head.method == "PUT" && is_artifact_path(std::string(head.path()));
}

bool ArtifactHome::answer(api::Request& request, const api::ExchangePtr& exchange) {
    if (!folder_ || !is_artifact_path(request.path)) return false;
    handle_artifact(*folder_, calendar_, std::move(request), exchange);
    return true;
}

}  // namespace herder
