#pragma once
// HERDER_ASSERT: a broken invariant of our own ends the process, in every build type. Wrong input
// from outside is never asserted; it is a Result.
#include <cstdio>
#include <cstdlib>

namespace herder::detail {

[[noreturn]] inline void assert_failed(const char* what, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
    std::abort();
}

}  // namespace herder::detail

#define HERDER_ASSERT(condition)                                             \
    do {                                                                     \
        if (!(condition)) {                                                  \
            ::herder::detail::assert_failed(#condition, __FILE__, __LINE__); \
        }                                                                    \
    } while (false)
