// CRC-32C at the speed of memory. The processor's instruction takes three cycles before its result
// can be used, but a new one can begin in every cycle: so three neighbouring lanes are summed side
// by side and put together afterwards, as Mark Adler's crc32c.c does (2013).
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "base/crc32c_combine.h"
#include "base/digest.h"

namespace herder {

namespace {

using Table = std::array<std::uint32_t, 256>;

Table make_table() {
    Table table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78U : crc >> 1;
        table.at(i) = crc;
    }
    return table;
}

std::uint32_t sum_by_table(std::string_view data, std::uint32_t crc) {
    static const Table kTable = make_table();
    for (const char c : data)
        crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
    return crc;
}

#if defined(__x86_64__)
// Of one lane: three fit the first-level cache, and putting together is rare enough.
constexpr std::size_t kLane = 8 * 1024;

// What a checksum becomes when kLane zeros follow, by the bytes of the checksum.
class LaneShift {
  public:
    LaneShift() {
        for (std::uint32_t place = 0; place < 4; ++place) {
            for (std::uint32_t byte = 0; byte < 256; ++byte)
                tables_[place][byte] = combine_crc32c(byte << (8 * place), 0, kLane);
        }
    }
    std::uint32_t operator()(std::uint32_t crc) const {
        return tables_[0][crc & 0xFF] ^ tables_[1][crc >> 8 & 0xFF] ^ tables_[2][crc >> 16 & 0xFF] ^
               tables_[3][crc >> 24];
    }

  private:
    std::array<Table, 4> tables_{};
};

std::uint64_t word_at(const char* p) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    return word;
}

__attribute__((target("sse4.2"))) std::uint32_t sum_by_instruction(std::string_view data,
                                                                   std::uint32_t crc) {
    static const LaneShift kShift;
    const char* p = data.data();
    std::size_t left = data.size();
    for (; left >= 3 * kLane; left -= 3 * kLane, p += 3 * kLane) {
        std::uint64_t first = crc;
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (std::size_t i = 0; i < kLane; i += 8) {
            first = _mm_crc32_u64(first, word_at(p + i));
            second = _mm_crc32_u64(second, word_at(p + kLane + i));
            third = _mm_crc32_u64(third, word_at(p + 2 * kLane + i));
        }
        crc =
            kShift(kShift(static_cast<std::uint32_t>(first)) ^ static_cast<std::uint32_t>(second)) ^
            static_cast<std::uint32_t>(third);
    }
    std::uint64_t wide = crc;
    for (; left >= 8; left -= 8, p += 8)
        wide = _mm_crc32_u64(wide, word_at(p));
    crc = static_cast<std::uint32_t>(wide);
    for (; left > 0; --left, ++p)
        crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*p));
    return crc;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view data, std::uint32_t previous) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~sum_by_instruction(data, ~previous);
#endif
    return ~sum_by_table(data, ~previous);
}

}  // namespace herder
