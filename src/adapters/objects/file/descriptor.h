#pragma once
// A file descriptor that is closed at the end of its scope. Only for this folder.
#include <string>
#include <utility>

namespace herder {

class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    int get() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }
    int release() { return std::exchange(descriptor_, -1); }

  private:
    int descriptor_;
};

// Both go on after interruptions; false with errno set.
bool write_all(int file, const std::string& data);
// Fills `data` from the start of the file; cuts it if the file has become shorter.
bool read_all(int file, std::string& data);

}  // namespace herder
