#include "base/crc32c_combine.h"

namespace herder {

namespace {

// Castagnoli's polynomial; the highest bit stands for x^0, as in the checksum itself.
constexpr std::uint32_t kPolynomial = 0x82F63B78;
constexpr std::uint32_t kOne = 1U << 31U;
constexpr std::uint32_t kX8 = 1U << 23U;  // one byte of zeros

// a times b modulo the polynomial.
std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
    std::uint32_t product = 0;
    for (std::uint32_t bit = kOne; bit != 0; bit >>= 1U) {
        if ((a & bit) != 0) product ^= b;
        b = (b & 1U) != 0 ? (b >> 1U) ^ kPolynomial : b >> 1U;
    }
    return product;
}

// x^8 to the power of `size`.
std::uint32_t shift_of(std::uint64_t size) {
    std::uint32_t shift = kOne;
    for (std::uint32_t power = kX8; size != 0; size >>= 1U) {
        if ((size & 1U) != 0) shift = multiply(shift, power);
        power = multiply(power, power);
    }
    return shift;
}

struct Shift {
    std::uint64_t size = 0;
    std::uint32_t value = kOne;
};

}  // namespace

// A checksum is a remainder: bytes that follow multiply what came before by x^8 each, and the
// inversions at both ends cancel out.
std::uint32_t combine_crc32c(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
    // The thousands of parts of an object are of one size.
    thread_local Shift last;
    if (last.size != second_size) last = {second_size, shift_of(second_size)};
    return multiply(last.value, first) ^ second;
}

}  // namespace herder
