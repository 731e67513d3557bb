#include "cli/tree_sender.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/digest.h"
#include "base/gzip_text.h"
#include "cli/cells.h"
#include "cli/patience.h"

namespace herder::cli {

namespace {

constexpr int kTries = 4;
constexpr std::int64_t kWorthTelling = 20'000'000;

std::string size_text(std::int64_t size) {
    return to_text(Bytes{size});
}

// Stored under hashes: whatever became of an answer that was lost, sending again is right.
Status put_patiently(ServerLink& server, const std::string& target, const std::string& packed) {
    Patience patience;
    for (int tries = 1;; ++tries) {
        const Status sent = server.put_bytes(target, packed);
        if (sent || tries == kTries || !is_retryable(sent.error().code)) return sent;
        if (!patience.wait(false)) return sent;
    }
}

// Indices of the pieces that the server lacks, each content once.
Result<std::vector<std::size_t>> find_missing(ServerLink& server, const protocol::Tree& tree) {
    std::set<std::string> missing;
    for (std::size_t at = 0; at < tree.chunks.size(); at += protocol::kChunksAskedMax) {
        Json::Array names;
        const std::size_t end = std::min(tree.chunks.size(), at + protocol::kChunksAskedMax);
        for (std::size_t i = at; i < end; ++i)
            names.push_back(Json(tree.chunks[i].sha256));
        Json body;
        body.set("chunks", Json(std::move(names)));
        const Result<Json> answer = server.send("POST", "/chunks/missing", body);
        if (!answer) return answer.error();
        const Json* list = answer->find("chunks");
        if (list == nullptr || list->if_array() == nullptr)
            return internal("the server's answer has no list 'chunks'");
        for (const Json& name : *list->if_array())
            missing.insert(text_of(&name));
    }
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < tree.chunks.size(); ++i) {
        if (missing.erase(tree.chunks[i].sha256) > 0) indices.push_back(i);
    }
    return indices;
}

}  // namespace

Result<SentTree> send_tree(ServerLink& server, const FolderTree& tree, const SendHooks& hooks) {
    const std::string document = tree.document();
    const std::string target = "/trees/" + sha256_hex(document);
    SentTree sent{.key = protocol::tree_key(sha256_hex(document))};
    const Result<bool> is_there = server.has(target);
    if (!is_there) return is_there.error();
    if (*is_there) return sent;
    const Result<std::vector<std::size_t>> missing = find_missing(server, tree.tree);
    if (!missing) return missing.error();
    std::int64_t total = 0;
    for (const std::size_t i : *missing)
        total += tree.tree.chunks[i].size;
    std::int64_t done = 0;
    for (const std::size_t i : *missing) {
        const Result<std::string> content = tree.read_chunk(i);
        if (!content) return content.error();
        const std::string packed = gzip_text(*content);
        const Status put = put_patiently(server, "/chunks/" + tree.tree.chunks[i].sha256, packed);
        if (!put) return put.error();
        ++sent.sent_chunks;
        sent.sent_bytes += static_cast<std::int64_t>(packed.size());
        const std::int64_t before = done;
        done += tree.tree.chunks[i].size;
        if (hooks.on_sent) {
            hooks.on_sent(done, total);
        } else if (total >= kWorthTelling && done * 10 / total != before * 10 / total) {
            hooks.say("sent " + size_text(done) + " of " + size_text(total));
        }
    }
    const Status listed = put_patiently(server, target, gzip_text(document));
    if (!listed) return listed.error();
    return sent;
}

}  // namespace herder::cli
