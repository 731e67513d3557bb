#include "cli/job_inputs.h"

#include <algorithm>
#include <filesystem>

#include "base/bucket_address.h"
#include "cli/cells.h"
#include "cli/tree_sender.h"
#include "protocol/output_hashes.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

constexpr ListingLimits kWorkdirLimits{.entries = 100'000, .bytes = 2ULL << 30};
constexpr ListingLimits kDataLimits{.entries = protocol::kTreeEntriesMax, .bytes = 200ULL << 30};

std::string count_text(std::int64_t files) {
    return std::to_string(files) + (files == 1 ? " file, " : " files, ");
}

std::string files_text(const FolderTree& tree) {
    return count_text(static_cast<std::int64_t>(tree.files)) + to_text(tree.tree.size());
}

// herder://JOB/PATH
std::pair<std::string, std::string> job_and_path(const std::string& source) {
    const std::string rest = source.substr(source.find("://") + 3);
    const std::size_t slash = rest.find('/');
    return {rest.substr(0, slash), rest.substr(slash + 1)};
}

}  // namespace

Status check_disk_request(const JobSpec& spec, Bytes workdir) {
    Bytes needed = workdir;
    for (const DataInput& input : spec.inputs)
        needed = needed + input.size;
    for (const ResourceRequest& request : spec.any_of) {
        if (needed <= request.disk) continue;
        return invalid("the work folder, mounts and inputs have " + to_text(needed) +
                       ", and the job asks for a disk of " + to_text(request.disk) +
                       "; ask for more with resources: {disk: ...}, or leave data out");
    }
    return ok();
}

Status JobInputs::send(LaunchRequest& request) {
    if (const Status read = read_workdir(request); !read) return read;
    for (const config::DataSource& source : request.data) {
        DataInput input{.target = source.target,
                        .source = source.source,
                        .sha256 = source.sha256,
                        .unpack = source.unpack};
        Status done = ok();
        switch (source.kind) {
            case config::DataSource::Kind::kLocal:
                done = read_local(request, source);
                break;
            case config::DataSource::Kind::kOutput:
                done = find_outputs(request, source);
                break;
            case config::DataSource::Kind::kBucket:
                done = find_in_bucket(request, source);
                break;
            case config::DataSource::Kind::kUrl:
                input.url = source.source;
                // What is signed into a query is nobody's business.
                input.source = source.source.substr(0, source.source.find('?'));
                request.spec.inputs.push_back(std::move(input));
                break;
        }
        if (!done) return done.error().with_context(source.target);
    }
    Bytes workdir;
    for (const Local& local : locals_) {
        if (local.is_workdir) workdir = local.tree.tree.size();
    }
    if (const Status fits = check_disk_request(request.spec, workdir); !fits) return fits;
    for (const Local& local : locals_) {
        const Status sent = send_local(local, request.spec);
        if (!sent) return sent.error().with_context("sending " + local.name);
    }
    return ok();
}

Status JobInputs::read_workdir(const LaunchRequest& request) {
    if (request.workdir.empty()) return ok();
    const auto entries = list_folder(request.workdir, true, kWorkdirLimits);
    if (!entries) return entries.error().with_context("the work folder");
    Result<FolderTree> tree = make_folder_tree(request.workdir, *entries);
    if (!tree) return tree.error().with_context("the work folder");
    locals_.push_back({std::move(*tree), "the work folder", 0, true});
    return ok();
}

// All of a folder: what is ignored for git's sake is often exactly the data.
Status JobInputs::read_local(LaunchRequest& request, const config::DataSource& source) {
    std::error_code failed;
    DataInput input{.target = source.target, .source = source.source};
    Result<FolderTree> tree = not_found("there is no file or folder '" + source.source + "'");
    if (fs::is_regular_file(source.source, failed)) {
        // A tree is a folder: this one has the file under the target's name.
        tree = make_file_tree(source.source, fs::path(source.target).filename().string());
        const std::string parent = fs::path(source.target).parent_path().string();
        input.target = parent.empty() ? "." : parent;
    } else if (fs::is_directory(source.source, failed)) {
        const auto entries = list_folder(source.source, false, kDataLimits);
        if (!entries) return entries.error();
        tree = make_folder_tree(source.source, *entries);
    }
    if (!tree) return tree.error();
    input.size = tree->tree.size();
    locals_.push_back({std::move(*tree), source.source, request.spec.inputs.size(), false});
    request.spec.inputs.push_back(std::move(input));
    return ok();
}

Status JobInputs::find_outputs(LaunchRequest& request, const config::DataSource& source) {
    const auto [reference, path] = job_and_path(source.source);
    const Result<std::string> job = job_path(server_, reference);
    if (!job) return job.error();
    const Result<Json> shown = server_.get(*job);
    if (!shown) return shown.error();
    const std::string id = text_at(*shown, "id");
    const Result<Json::Array> outputs =
        server_.list("/jobs/" + id + "/outputs", protocol::kOutputsListedMax);
    if (!outputs) return outputs.error();
    const bool is_folder = path.ends_with('/');
    std::size_t found = 0;
    for (const Json& output : *outputs) {
        const std::string name = text_at(output, "path");
        if (is_folder ? !name.starts_with(path) : name != path) continue;
        ++found;
        DataInput input{
            .target = source.target, .source = source.source, .object = id + "/" + name};
        if (is_folder) input.target += "/" + name.substr(path.size());
        input.sha256 = source.sha256.empty() ? text_at(output, "sha256") : source.sha256;
        input.size = Bytes{number_at(output, "size_bytes")};
        input.unpack = source.unpack;
        request.spec.inputs.push_back(std::move(input));
    }
    if (found > 0) return ok();
    return not_found("job " + id + " has no output '" + path + "'; see: herder outputs ls " + id);
}

// The server looks, with its own credentials; the machine fetches from the bucket.
Status JobInputs::find_in_bucket(LaunchRequest& request, const config::DataSource& source) {
    const std::string path = without_settings(source.source);
    const fs::path target(source.target);
    DataInput input{.target = source.target, .source = path};
    Json wish{Json::Object{}};
    wish.set("source", source.source);
    if (!path.ends_with('/')) {
        wish.set("name", target.filename().string());
        input.target = target.has_parent_path() ? target.parent_path().string() : ".";
    }
    const Result<Json> found = server_.send("POST", "/data/listings", wish);
    if (!found) return found.error();
    input.tree = text_at(*found, "object");
    input.size = Bytes{number_at(*found, "size_bytes")};
    say_(path + ": " + count_text(number_at(*found, "files")) + to_text(input.size) +
         "; the machine fetches them from the bucket");
    request.spec.inputs.push_back(std::move(input));
    return ok();
}

Status JobInputs::send_local(const Local& local, JobSpec& spec) {
    SendHooks hooks;
    hooks.say = [&](const std::string& line) { say_(local.name + ": " + line); };
    if (on_sent_) {
        hooks.on_sent = [&](std::int64_t done, std::int64_t total) {
            on_sent_(local.name, done, total);
        };
    }
    const Result<SentTree> sent = send_tree(server_, local.tree, hooks);
    if (!sent) return sent.error();
    (local.is_workdir ? spec.workdir_object : spec.inputs[local.input].tree) = sent->key;
    const std::string how = sent->sent_chunks == 0 ? "; the server has all of it already"
                                                   : "; sent " + to_text(Bytes{sent->sent_bytes}) +
                                                         " of it, the rest was there or packed";
    say_(local.name + ": " + files_text(local.tree) + how);
    return ok();
}

}  // namespace herder::cli
