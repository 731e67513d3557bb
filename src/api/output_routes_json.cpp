// The files that a job left: a list with their hashes, and the bytes.
#include <boost/json.hpp>
#include <functional>

#include "api/disk_work.h"
#include "api/file_hashes.h"
#include "api/output_listings.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_parts_json.h"
#include "protocol/layout.h"
#include "protocol/output_hashes.h"

namespace herder::api {

namespace json = boost::json;

namespace {

// What one request reads to hash it at most; the hashes of the rest are null until asked again.
constexpr std::int64_t kHashedMax = std::int64_t{1} << 30;
// For a download that begins at once. Temporary credentials of the store, with which it is signed,
// hold longer than that: they are renewed before (storage.cpp, kRenewalAhead).
constexpr Duration kLinkLife = minutes(5);

using FileOf = std::function<Result<std::string>(const std::string& key)>;

json::object output_object(const ObjectInfo& object, const std::string& prefix) {
    return {{"path", object.key.substr(prefix.size())},
            {"size_bytes", object.size.count},
            {"sha256", nullptr}};
}

// Those that nobody told are computed, where the files lie on this machine.
void add_hashes(json::array& items, const FileOf& file_of, const std::string& prefix,
                FileHashes& hashes, const protocol::OutputHashes& told) {
    std::int64_t left = kHashedMax;
    for (json::value& item : items) {
        json::object& output = item.as_object();
        const std::string path(output.at("path").as_string());
        if (const auto known = told.find(path); known != told.end()) {
            output["sha256"] = known->second;
            continue;
        }
        if (!file_of) continue;
        const Result<std::string> file = file_of(prefix + path);
        if (!file) continue;
        left -= hashes.unread(*file);
        const Result<std::string> hash = left < 0 ? not_found("later") : hashes.of(*file);
        if (hash) output["sha256"] = *hash;
    }
}

// What the work on the files' thread needs of a call.
struct Wish {
    Parts parts;
    const Options& options;
    const Own& own;
    ExchangePtr exchange;
    JobId job;
    std::string prefix;  // of the job's outputs
    std::string hashes_key;
};

void answer_list(const Wish& wish, const Page& page) {
    const Result<const OutputListings::Listing*> found =
        wish.own.outputs.get(wish.parts.objects, {wish.prefix, wish.hashes_key},
                             page.cursor.empty(), wish.options.wall());
    if (!found) return refuse(wish.exchange, found.error());
    json::array items;
    for (const ObjectInfo& object : (*found)->objects)
        items.push_back(output_object(object, wish.prefix));
    Result<json::object> list = page_of(std::move(items), page, Member{"path"});
    if (!list) return refuse(wish.exchange, list.error());
    add_hashes(list->at("items").as_array(), wish.options.file_of, wish.prefix, wish.own.hashes,
               (*found)->hashes);
    if (list->at("next_cursor").is_null()) wish.own.outputs.forget();
    Response response;
    response.body = json::serialize(*list);
    wish.exchange->respond(std::move(response));
}

// Without an address: this server hands the file out itself.
void answer_link(const ExchangePtr& exchange, const std::string& url, WallTime expires) {
    json::value where = nullptr;
    if (!url.empty()) where = json::string(url);
    Response response;
    response.body = json::serialize(
        json::object{{"url", std::move(where)}, {"expires_at", time_or_null(expires)}});
    exchange->respond(std::move(response));
}

void answer_output(const Wish& wish, const std::string& path, bool is_link) {
    const std::string key = wish.prefix + path;
    const Result<ObjectInfo> info = wish.parts.objects.head(key);
    if (!info) {
        Problem wrong(not_found("job " + to_text(wish.job) + " has no output '" + path + "'"));
        wrong.help = {"herder outputs ls " + to_text(wish.job)};
        return refuse(wish.exchange, wrong);
    }
    answer_bytes(wish.parts, wish.options, wish.exchange, key, is_link);
}

void with_outputs(const Call& call, std::function<void(const Wish&)> with) {
    with_job(call, [with](const Call& later, const State& state, Instant, JobId job) {
        const std::string& team = state.jobs.at(job).spec.team;
        const Wish wish{later.parts,
                        later.options,
                        later.own,
                        later.exchange,
                        job,
                        protocol::outputs_prefix(team, job),
                        protocol::output_hashes_key(team, job)};
        if (!later.own.disk.run([wish, with] { with(wish); })) later.fail(too_much_work());
    });
}

void list_outputs(const Call& call) {
    QueryReader query(call.request);
    const Page page = read_page(query, 1000);
    if (!query.is_good()) return call.fail(query.problem());
    with_outputs(call, [page](const Wish& wish) { answer_list(wish, page); });
}

void show_output(const Call& call) {
    QueryReader query(call.request);
    const bool is_link = query.flag("link", false);
    if (!query.is_good()) return call.fail(query.problem());
    with_outputs(call, [path = call.name("path"), is_link](const Wish& wish) {
        answer_output(wish, path, is_link);
    });
}

}  // namespace

void answer_bytes(const Parts& parts, const Options& options, const ExchangePtr& exchange,
                  const std::string& key, bool is_link) {
    if (options.file_of && is_link) return answer_link(exchange, "", {});
    Response response;
    response.content_type = "application/octet-stream";
    if (options.file_of) {
        const Result<std::string> file = options.file_of(key);
        if (!file) return refuse(exchange, file.error());
        response.file = *file;
        return exchange->respond(std::move(response));
    }
    const WallTime expires = options.wall() + kLinkLife;
    const Result<std::string> url = parts.objects.sign(UrlVerb::kGet, key, expires);
    if (!url) return refuse(exchange, url.error());
    if (is_link) return answer_link(exchange, *url, expires);
    response.status = 307;
    response.headers.emplace_back("Location", *url);
    exchange->respond(std::move(response));
}

std::vector<Route> output_routes() {
    return {{"GET", "/jobs/{job}/outputs", {"limit", "cursor"}, list_outputs},
            {"GET", "/jobs/{job}/outputs/{path...}", {"link"}, show_output}};
}

}  // namespace herder::api
