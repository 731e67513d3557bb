// Folders in pieces: which pieces are missing, the pieces, and the list that makes a folder of
// them.
#include <functional>
#include <memory>

#include "api/disk_work.h"
#include "api/routes.h"
#include "api/tree_sweep.h"
#include "base/digest.h"
#include "base/gzip_text.h"
#include "base/log.h"
#include "protocol/tree_json.h"

namespace herder::api {

namespace {

// A few hundred pieces are looked up in milliseconds; a body of the same kind cannot be larger.
void find_missing(const Call& call) {
    const Result<protocol::ChunkNames> names = protocol::parse_chunk_names(call.request.body);
    if (!names) return call.fail(names.error());
    const auto look = [&objects = call.parts.objects, &sweep = call.own.sweep,
                       &options = call.options, exchange = call.exchange, names = *names] {
        protocol::ChunkNames missing;
        for (const std::string& name : names.chunks) {
            const std::string key = protocol::chunk_key(name);
            const Result<ObjectInfo> found = objects.head(key);
            if (found) {
                sweep.note(key, options.wall());
                continue;
            }
            if (found.error().code != ErrorCode::kNotFound) return refuse(exchange, found.error());
            missing.chunks.push_back(name);
        }
        Response response;
        response.body = protocol::to_json(missing);
        exchange->respond(std::move(response));
    };
    if (!call.own.disk.run(look)) call.fail(too_much_work());
}

// A packed body and the hash that its content has to have.
struct Packed {
    ObjectStore& objects;
    EngineThread& engine;
    TreeSweep& sweep;
    DiskWork& disk;
    const Options& options;
    ExchangePtr exchange;
    std::string sha256;
    std::string body;
};

// The content, or nothing after an answer that says why.
std::optional<std::string> unpack(const Packed& packed, std::size_t limit) {
    Result<std::string> content = gunzip_text(packed.body, limit);
    const std::string found = content ? sha256_hex(*content) : "";
    if (found == packed.sha256) return std::move(*content);
    const Error wrong =
        content ? invalid("the content does not have the hash in its name, but " + found)
                : invalid(content.error().message);
    refuse(packed.exchange, wrong);
    return std::nullopt;
}

// True where it is there now.
bool answer_stored(const Packed& packed, const std::string& key) {
    const Status stored = packed.objects.put(key, packed.body, true);
    const bool was_there = !stored && stored.error().code == ErrorCode::kConflict;
    if (!stored && !was_there) {
        refuse(packed.exchange, stored.error());
        return false;
    }
    Response response;
    response.status = was_there ? 200 : 201;
    response.body = R"({"object":")" + key + "\"}";
    packed.exchange->respond(std::move(response));
    return true;
}

void take_chunk(const Packed& packed) {
    if (unpack(packed, protocol::kChunkSizeMax))
        (void)answer_stored(packed, protocol::chunk_key(packed.sha256));
}

// Slice by slice, so that whoever stores or submits meanwhile does not wait for all of it.
void sweep_on(DiskWork& disk, TreeSweep& sweep, std::function<WallTime()> wall) {
    const auto swept = sweep.step(wall());
    if (!swept) return log_warn("storage.sweep_failed", {{"why", swept.error().message}});
    if (*swept) return;
    // Where too many wait, the next round comes in an hour.
    (void)disk.run([&disk, &sweep, wall = std::move(wall)] { sweep_on(disk, sweep, wall); });
}

// More is kept only where more is stored: that is when to look for what nobody needs.
void sweep_if_due(const Packed& packed) {
    const WallTime now = packed.options.wall();
    if (!packed.sweep.is_due(now)) return;
    const auto used = packed.engine.fetch<std::set<std::string>>(
        [](const State& state, Instant logical) { return trees_in_use(state, logical); });
    packed.sweep.begin(used, now);
    sweep_on(packed.disk, packed.sweep, packed.options.wall);
}

// A tree is only stored when all of it is there: whoever has one can have its files.
void take_tree(const Packed& packed) {
    const std::optional<std::string> text = unpack(packed, protocol::kTreeSizeMax);
    if (!text) return;
    const Result<protocol::Tree> tree = protocol::parse_tree(*text);
    if (!tree) return refuse(packed.exchange, invalid(tree.error().message));
    for (const protocol::TreeChunk& chunk : tree->chunks) {
        if (packed.objects.head(protocol::chunk_key(chunk.sha256))) continue;
        return refuse(packed.exchange,
                      Error{ErrorCode::kConflict, "the piece " + chunk.sha256 +
                                                      " of the tree is not stored; send it first"});
    }
    const std::string key = protocol::tree_key(packed.sha256);
    if (answer_stored(packed, key)) packed.sweep.note(key, packed.options.wall());
    sweep_if_due(packed);
}

template <void (*kTake)(const Packed&)>
void put(const Call& call) {
    const std::string& name = call.name("sha256");
    if (!protocol::is_sha256(name))
        return call.fail(invalid("'" + name + "' is not a SHA-256 in hex"));
    // Shared with the task.
    const auto packed = std::make_shared<Packed>(
        Packed{call.parts.objects, call.parts.engine, call.own.sweep, call.own.disk, call.options,
               call.exchange, name, std::move(call.request.body)});
    if (!call.own.disk.run([packed] { kTake(*packed); })) call.fail(too_much_work());
}

void find_tree(const Call& call) {
    const std::string& name = call.name("sha256");
    if (!protocol::is_sha256(name))
        return call.fail(invalid("'" + name + "' is not a SHA-256 in hex"));
    const auto look = [&objects = call.parts.objects, &sweep = call.own.sweep,
                       &options = call.options, exchange = call.exchange,
                       key = protocol::tree_key(name)] {
        const Result<ObjectInfo> found = objects.head(key);
        if (!found) return refuse(exchange, found.error());
        sweep.note(key, options.wall());
        Response response;
        response.body = R"({"object":")" + key + "\"}";
        exchange->respond(std::move(response));
    };
    if (!call.own.disk.run(look)) call.fail(too_much_work());
}

}  // namespace

std::vector<Route> tree_routes() {
    return {{"POST", "/chunks/missing", {}, find_missing},
            {"PUT", "/chunks/{sha256}", {}, put<take_chunk>},
            {"PUT", "/trees/{sha256}", {}, put<take_tree>},
            {"GET", "/trees/{sha256}", {}, find_tree}};
}

}  // namespace herder::api
