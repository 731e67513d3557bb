#include "protocol/tree_json.h"

#include <algorithm>

#include "base/confined_path.h"
#include "protocol/fields.h"
#include "protocol/hashed_key.h"
#include "protocol/listing_json.h"

namespace herder::protocol {

namespace {

constexpr std::string_view kTreePrefix = "trees/";
constexpr std::string_view kTreeSuffix = ".json.gz";
constexpr std::size_t kWishSizeMax = 1 << 20;

Error corrupt(const std::string& why) {
    return {ErrorCode::kCorrupt, "the tree of files " + why};
}

Status check_entry(const TreeEntry& entry) {
    if (!is_confined_path(entry.path) || entry.path.ends_with('/') ||
        entry.path.find("//") != entry.path.npos) {
        return corrupt("has the path '" + entry.path + "', which leads outside or is malformed");
    }
    if (!entry.link.empty() && !is_confined_link(entry.path, entry.link))
        return corrupt("links '" + entry.path + "' to '" + entry.link + "' outside");
    const bool is_file = !entry.folder && entry.link.empty();
    if (entry.size < 0 || (!is_file && entry.size != 0) || (entry.folder && !entry.link.empty()))
        return corrupt("has a malformed entry '" + entry.path + "'");
    return ok();
}

// Every folder on the way to an entry is an entry itself, so nothing is ever written through a
// link or a file.
Status check_entries(const std::vector<TreeEntry>& entries) {
    if (entries.size() > kTreeEntriesMax) return corrupt("has too many entries");
    std::vector<std::string> open;  // the folders that lead to the entry before
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const TreeEntry& entry = entries[i];
        if (const Status good = check_entry(entry); !good) return good;
        if (i > 0 && !comes_before(entries[i - 1].path, entry.path))
            return corrupt("is out of order at '" + entry.path + "'");
        const std::size_t slash = entry.path.rfind('/');
        const std::string parent = slash == entry.path.npos ? "" : entry.path.substr(0, slash);
        while (!open.empty() && open.back() != parent)
            open.pop_back();
        if (!parent.empty() && open.empty())
            return corrupt("names no folder for '" + entry.path + "'");
        if (entry.folder) open.push_back(entry.path);
    }
    return ok();
}

Status check_chunks(const Tree& tree) {
    std::int64_t sum = 0;
    for (const TreeChunk& chunk : tree.chunks) {
        const bool is_good = is_sha256(chunk.sha256) && chunk.size > 0 &&
                             chunk.size <= static_cast<std::int64_t>(kChunkSizeMax);
        if (!is_good) return corrupt("has a malformed piece");
        sum += chunk.size;
    }
    if (sum != tree.size().count) return corrupt("has pieces that do not add up to its files");
    return ok();
}

}  // namespace

template <class S, class V>
void fields(As<TreeEntry>, S& s, V& v) {
    v("path", s.path);
    v("size", s.size);
    v("folder", s.folder);
    v("executable", s.executable);
    v("link", s.link);
}
template <class S, class V>
void fields(As<TreeChunk>, S& s, V& v) {
    v("sha256", s.sha256);
    v("size", s.size);
}
template <class S, class V>
void fields(As<Tree>, S& s, V& v) {
    v("entries", s.entries);
    v("chunks", s.chunks);
}
template <class S, class V>
void fields(As<ChunkNames>, S& s, V& v) {
    v("chunks", s.chunks);
}
template <class S, class V>
void fields(As<ChunkWish>, S& s, V& v) {
    v("tree", s.tree);
    v("from", s.from);
    v("pieces", s.pieces);
}

bool comes_before(const std::string& a, const std::string& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
        return rank(x) < rank(y);
    });
}

Bytes Tree::size() const {
    Bytes sum;
    for (const TreeEntry& entry : entries)
        sum = sum + Bytes{entry.size};
    return sum;
}

std::string to_json(const Tree& tree) {
    return write_document(tree);
}

Result<Tree> parse_tree(std::string_view text) {
    Result<Tree> tree = read_document<Tree>(text, kTreeSizeMax);
    if (!tree) return corrupt("cannot be read: " + tree.error().message);
    if (const Status good = check_entries(tree->entries); !good) return good.error();
    if (const Status good = check_chunks(*tree); !good) return good.error();
    return tree;
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string tree_key(const std::string& sha256) {
    return std::string(kTreePrefix) + sha256 + std::string(kTreeSuffix);
}
std::string chunk_key(const std::string& sha256) {
    return "chunks/" + sha256.substr(0, 2) + "/" + sha256 + ".gz";
}
std::string tree_of_key(const std::string& key) {
    return hash_in_key(key, kTreePrefix, kTreeSuffix);
}

std::string to_json(const ChunkNames& names) {
    return write_document(names);
}
Result<ChunkNames> parse_chunk_names(std::string_view text) {
    auto names = read_document<ChunkNames>(text, kWishSizeMax).with_context("reading pieces");
    if (!names) return names;
    if (names->chunks.size() > kChunksAskedMax)
        return invalid("more than " + std::to_string(kChunksAskedMax) + " pieces in one request");
    for (const std::string& name : names->chunks) {
        if (!is_sha256(name)) return invalid("'" + name + "' is not a SHA-256 in hex");
    }
    return names;
}

std::string to_json(const ChunkWish& wish) {
    return write_document(wish);
}
Result<ChunkWish> parse_chunk_wish(std::string_view text) {
    auto wish = read_document<ChunkWish>(text, kWishSizeMax).with_context("reading a wish");
    if (!wish) return wish;
    const bool is_known = !tree_of_key(wish->tree).empty() || !listing_of_key(wish->tree).empty();
    const bool is_good = is_known && wish->from >= 0 && wish->pieces > 0 &&
                         wish->pieces <= static_cast<std::int64_t>(kChunksAskedMax);
    if (!is_good) return invalid("a wish for pieces of a tree is out of its range");
    return wish;
}

}  // namespace herder::protocol
