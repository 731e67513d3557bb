#include "s3d/blob.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace herder::s3d {

namespace {

Error failed(const std::string& what, const std::string& file) {
    return unavailable(what + " " + file + ": " + std::strerror(errno));
}

class MemoryBlob : public Blob {
  public:
    explicit MemoryBlob(std::string bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const override { return bytes_.size(); }
    Status read(std::uint64_t offset, char* out, std::size_t size) const override {
        std::memcpy(out, bytes_.data() + offset, size);
        return ok();
    }

  private:
    const std::string bytes_;
};

class ZeroBlob : public Blob {
  public:
    explicit ZeroBlob(std::uint64_t size) : size_(size) {}
    std::uint64_t size() const override { return size_; }
    Status read(std::uint64_t, char* out, std::size_t size) const override {
        std::memset(out, 0, size);
        return ok();
    }

  private:
    const std::uint64_t size_;
};

class FileBlob : public Blob {
  public:
    FileBlob(int descriptor, std::uint64_t size, std::string temporary)
        : descriptor_(descriptor), size_(size), temporary_(std::move(temporary)) {}
    ~FileBlob() override {
        ::close(descriptor_);
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
    }
    FileBlob(const FileBlob&) = delete;
    FileBlob& operator=(const FileBlob&) = delete;
    std::uint64_t size() const override { return size_; }
    Status read(std::uint64_t offset, char* out, std::size_t size) const override {
        while (size > 0) {
            const ssize_t count = ::pread(descriptor_, out, size, static_cast<off_t>(offset));
            if (count <= 0) return failed("reading", "an object's file");
            out += count;
            offset += static_cast<std::uint64_t>(count);
            size -= static_cast<std::size_t>(count);
        }
        return ok();
    }

  private:
    const int descriptor_;
    const std::uint64_t size_;
    const std::string temporary_;
};

class JoinedBlob : public Blob {
  public:
    explicit JoinedBlob(std::vector<BlobPtr> parts) : parts_(std::move(parts)) {
        for (const BlobPtr& part : parts_)
            size_ += part->size();
    }
    std::uint64_t size() const override { return size_; }
    Status read(std::uint64_t offset, char* out, std::size_t size) const override {
        for (const BlobPtr& part : parts_) {
            if (size == 0) break;
            if (offset >= part->size()) {
                offset -= part->size();
                continue;
            }
            const auto count =
                static_cast<std::size_t>(std::min<std::uint64_t>(size, part->size() - offset));
            if (auto done = part->read(offset, out, count); !done) return done;
            out += count;
            size -= count;
            offset = 0;
        }
        return ok();
    }

  private:
    const std::vector<BlobPtr> parts_;
    std::uint64_t size_ = 0;
};

class MemoryWriter : public BlobWriter {
  public:
    Status append(std::string_view data) override {
        bytes_ += data;
        return ok();
    }
    Result<BlobPtr> finish() override {
        return BlobPtr(std::make_shared<MemoryBlob>(std::move(bytes_)));
    }

  private:
    std::string bytes_;
};

class DiscardWriter : public BlobWriter {
  public:
    Status append(std::string_view data) override {
        size_ += data.size();
        return ok();
    }
    void skip(std::uint64_t size) override { size_ += size; }
    Result<BlobPtr> finish() override { return BlobPtr(std::make_shared<ZeroBlob>(size_)); }

  private:
    std::uint64_t size_ = 0;
};

class FileWriter : public BlobWriter {
  public:
    FileWriter(int descriptor, std::string file)
        : descriptor_(descriptor), file_(std::move(file)) {}
    ~FileWriter() override {
        ::close(descriptor_);
        if (!finished_) ::unlink(file_.c_str());
    }
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;
    Status append(std::string_view data) override {
        while (!data.empty()) {
            const ssize_t count = ::write(descriptor_, data.data(), data.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("writing", file_);
            data.remove_prefix(static_cast<std::size_t>(count));
        }
        return ok();
    }
    Result<BlobPtr> finish() override {
        auto blob = open_blob(file_, true);
        finished_ = blob.has_value();
        return blob;
    }

  private:
    const int descriptor_;
    const std::string file_;
    bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<BlobWriter>> BlobWriter::make(Keeping keeping, const std::string& file) {
    if (keeping == Keeping::kMemory)
        return std::unique_ptr<BlobWriter>(std::make_unique<MemoryWriter>());
    if (keeping == Keeping::kDiscard)
        return std::unique_ptr<BlobWriter>(std::make_unique<DiscardWriter>());
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed("creating", file);
    return std::unique_ptr<BlobWriter>(std::make_unique<FileWriter>(descriptor, file));
}

Result<BlobPtr> open_blob(const std::string& file, bool is_temporary) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info{};
    if (descriptor < 0 || ::fstat(descriptor, &info) != 0) return failed("opening", file);
    return BlobPtr(std::make_shared<FileBlob>(descriptor, static_cast<std::uint64_t>(info.st_size),
                                              is_temporary ? file : ""));
}

BlobPtr join_blobs(std::vector<BlobPtr> parts) {
    return std::make_shared<JoinedBlob>(std::move(parts));
}

Result<std::string> read_all(const Blob& blob) {
    std::string out(blob.size(), '\0');
    if (auto done = blob.read(0, out.data(), out.size()); !done) return done.error();
    return out;
}

}  // namespace herder::s3d
