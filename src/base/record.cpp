#include "base/record.h"

namespace herder {

namespace record_detail {

void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}

bool get_varint(std::string_view& in, std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) return true;
    }
    return false;
}

bool get_slice(std::string_view& in, std::string_view& slice) {
    std::uint64_t size = 0;
    if (!get_varint(in, size) || size > in.size()) return false;
    slice = in.substr(0, size);
    in.remove_prefix(size);
    return true;
}

}  // namespace record_detail

RecordReader::RecordReader(std::string_view in) {
    while (sound_ && !in.empty()) {
        std::uint64_t head = 0;
        if (!record_detail::get_varint(in, head)) {
            sound_ = false;
        } else if ((head & 1) == 0) {
            sound_ = record_detail::get_varint(in, scalars_[static_cast<int>(head >> 1)]);
        } else {
            sound_ = record_detail::get_slice(in, slices_[static_cast<int>(head >> 1)]);
        }
    }
}

}  // namespace herder
