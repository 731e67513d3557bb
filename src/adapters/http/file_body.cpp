#include "adapters/http/file_body.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace herder::http {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

RangeVerdict parse_range(std::string_view header, std::uint64_t total, ByteRange& range) {
    if (!header.starts_with("bytes=")) return RangeVerdict::kWhole;
    header.remove_prefix(6);
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos) return RangeVerdict::kWhole;
    const std::optional<std::uint64_t> first = parse_number(header.substr(0, dash));
    const std::optional<std::uint64_t> last = parse_number(header.substr(dash + 1));
    if (dash == 0) {  // the last n bytes
        if (!last) return RangeVerdict::kWhole;
        if (*last == 0 || total == 0) return RangeVerdict::kUnsatisfiable;
        range.length = std::min(*last, total);
        range.first = total - range.length;
        return RangeVerdict::kPart;
    }
    const bool is_open = dash + 1 == header.size();
    if (!first || (!last && !is_open) || (last && *last < *first)) return RangeVerdict::kWhole;
    if (*first >= total) return RangeVerdict::kUnsatisfiable;
    range.first = *first;
    range.length = std::min(last.value_or(total - 1), total - 1) - *first + 1;
    return RangeVerdict::kPart;
}

Result<FileBody> FileBody::open(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return not_found("opening " + path + ": cannot be read");
    struct stat info{};
    const bool is_file = ::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
    FileBody body(descriptor, is_file ? static_cast<std::uint64_t>(info.st_size) : 0);
    if (!is_file) return not_found("opening " + path + ": not a regular file");
    return body;
}

FileBody::FileBody(FileBody&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      total_(other.total_),
      left_(std::exchange(other.left_, {})) {}

FileBody::~FileBody() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Status FileBody::read(std::string& out, std::size_t size) {
    out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size, left_.length)));
    const ssize_t count =
        ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(left_.first));
    if (count <= 0) return Error{ErrorCode::kCorrupt, "the file to send became shorter"};
    out.resize(static_cast<std::size_t>(count));
    left_.first += static_cast<std::uint64_t>(count);
    left_.length -= static_cast<std::uint64_t>(count);
    return ok();
}

}  // namespace herder::http
