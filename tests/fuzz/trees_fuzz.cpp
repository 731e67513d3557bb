// What an agent reads of a store that may hold anything: lists of files, packed pieces, wishes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/confined_path.h"
#include "base/gzip_text.h"
#include "protocol/secrets_json.h"
#include "protocol/tree_json.h"

namespace {

constexpr std::size_t kUnpackedMax = 1 << 20;

void check(const herder::protocol::Tree& tree) {
    std::int64_t sum = 0;
    for (const auto& entry : tree.entries) {
        HERDER_ASSERT(herder::is_confined_path(entry.path));
        HERDER_ASSERT(entry.link.empty() || herder::is_confined_link(entry.path, entry.link));
    }
    for (const auto& chunk : tree.chunks)
        sum += chunk.size;
    HERDER_ASSERT(sum == tree.size().count);
    const auto again = herder::protocol::parse_tree(herder::protocol::to_json(tree));
    HERDER_ASSERT(again && *again == tree);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto tree = herder::protocol::parse_tree(text)) check(*tree);
    const auto unpacked = herder::gunzip_text(text, kUnpackedMax);
    HERDER_ASSERT(!unpacked || unpacked->size() <= kUnpackedMax);
    (void)herder::protocol::parse_chunk_names(text).has_value();
    (void)herder::protocol::parse_chunk_wish(text).has_value();
    (void)herder::protocol::parse_secrets_response(text).has_value();
    return 0;
}
