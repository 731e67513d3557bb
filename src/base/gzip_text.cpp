#include "base/gzip_text.h"

#include <zlib.h>

#include <algorithm>

#include "base/assert.h"

namespace herder {

namespace {

constexpr int kGzipFormat = 15 + 16;  // zlib.h: the largest window, with gzip's header and trailer
constexpr int kFast = 3;              // two thirds of the best level's gain in a fifth of its time
constexpr int kMemory = 8;
constexpr std::size_t kSample = std::size_t{32} << 10;

Bytef* input(std::string_view text) {
    // zlib does not write to its input.
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

std::string deflate_at(std::string_view text, int level) {
    z_stream stream{};
    HERDER_ASSERT(
        deflateInit2(&stream, level, Z_DEFLATED, kGzipFormat, kMemory, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = input(text);
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    HERDER_ASSERT(ended == Z_STREAM_END);
    return out;
}

bool shrinks(std::string_view text) {
    const std::string_view sample = text.substr(0, kSample);
    return deflate_at(sample, kFast).size() < sample.size() / 10 * 9 || sample.size() < 200;
}

}  // namespace

std::string gzip_text(std::string_view text) {
    return deflate_at(text, shrinks(text) ? kFast : Z_NO_COMPRESSION);
}

Result<std::string> gunzip_text(std::string_view packed, std::size_t limit) {
    const Error corrupt{ErrorCode::kCorrupt, "the packed text is damaged or cut off"};
    z_stream stream{};
    if (inflateInit2(&stream, kGzipFormat) != Z_OK) return internal("zlib cannot be set up");
    stream.next_in = input(packed);
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK && out.size() <= limit) {
        const std::size_t had = out.size();
        out.resize(std::min(limit + 1, std::max<std::size_t>(had * 2, packed.size() * 3 + 1024)));
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
        stream.avail_out = static_cast<uInt>(out.size() - had);
        state = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
    }
    const bool is_whole = state == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (out.size() > limit) {
        return Error{ErrorCode::kCorrupt,
                     "the packed text unpacks to more than " + std::to_string(limit) + " bytes"};
    }
    if (!is_whole) return corrupt;
    return out;
}

}  // namespace herder
