#pragma once
// Git's matching of a path against one pattern: * and ? stop at '/', **/ and /** span folders,
// [a-z], [!a-z] and [[:alpha:]] are classes, a backslash takes the next character as it is.
#include <string_view>

namespace herder::cli {

bool wildmatch(std::string_view pattern, std::string_view text);

}  // namespace herder::cli
