#include "cli/gzip_file.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include "base/digest.h"

namespace herder::cli {

struct GzipFile::Parts {
    int descriptor = -1;
    z_stream zip{};
    Sha256Stream hash;
    std::string input;  // zlib wants bytes that it may hold a pointer to
    std::array<unsigned char, 64 << 10> out{};
};

namespace {

Status write_all(int descriptor, const unsigned char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t written = ::write(descriptor, bytes, size);
        if (written <= 0) return unavailable("cannot write a temporary file; is the disk full?");
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
    return ok();
}

}  // namespace

GzipFile::GzipFile(std::string path, std::unique_ptr<Parts> parts)
    : path_(std::move(path)), parts_(std::move(parts)) {}

GzipFile::~GzipFile() {
    deflateEnd(&parts_->zip);
    if (parts_->descriptor >= 0) ::close(parts_->descriptor);
    ::unlink(path_.c_str());
}

Result<std::unique_ptr<GzipFile>> GzipFile::create() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder == nullptr || *folder == '\0' ? "/tmp" : folder) +
                       "/herder-workdir-XXXXXX";
    auto parts = std::make_unique<Parts>();
    parts->descriptor = mkstemp(path.data());
    if (parts->descriptor < 0) return unavailable("cannot make the temporary file '" + path + "'");
    // 15 + 16: a gzip header, which zlib writes without a time.
    constexpr int kGzip = 15 + 16;
    if (deflateInit2(&parts->zip, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return internal("cannot start to compress");
    }
    return std::unique_ptr<GzipFile>(new GzipFile(std::move(path), std::move(parts)));
}

Status GzipFile::deflate_input(int flush) {
    Parts& p = *parts_;
    do {
        p.zip.next_out = p.out.data();
        p.zip.avail_out = static_cast<uInt>(p.out.size());
        deflate(&p.zip, flush);
        const std::size_t made = p.out.size() - p.zip.avail_out;
        p.hash.update({reinterpret_cast<const char*>(p.out.data()), made});
        size_ += made;
        const Status written = write_all(p.descriptor, p.out.data(), made);
        if (!written) return written;
    } while (p.zip.avail_out == 0);
    return ok();
}

Status GzipFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        parts_->input = bytes.substr(0, 1 << 20);
        bytes.remove_prefix(parts_->input.size());
        parts_->zip.next_in = reinterpret_cast<unsigned char*>(parts_->input.data());
        parts_->zip.avail_in = static_cast<uInt>(parts_->input.size());
        const Status done = deflate_input(Z_NO_FLUSH);
        if (!done) return done;
    }
    return ok();
}

Status GzipFile::finish() {
    const Status done = deflate_input(Z_FINISH);
    if (!done) return done;
    sha256_ = parts_->hash.finish_hex();
    return ok();
}

}  // namespace herder::cli
