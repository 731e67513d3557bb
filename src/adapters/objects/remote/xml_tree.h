#pragma once
// Reads the XML answers of S3, STS and Azure into a small tree, and escapes text for the two
// documents that are sent. Not a general XML parser: no DTD, no CDATA, and both are refused.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::remote {

struct XmlNode {
    std::string name;  // without namespace prefix
    std::string text;  // of a leaf
    std::vector<XmlNode> children;

    // The first child of that name; an empty node if there is none.
    const XmlNode& child(std::string_view wanted) const;
    // The text of the first child of that name.
    const std::string& operator[](std::string_view wanted) const { return child(wanted).text; }
};

// The root element. Refuses what is malformed, nests deeper than 16 or holds over 200,000 elements.
Result<XmlNode> parse_xml(std::string_view document);

// The same, but a document that is an error although it came with status 200 is kUnavailable, so
// that it is never read as an empty listing.
Result<XmlNode> parse_answer(std::string_view document);

// A number in an answer's element or header; 0 where it is none.
std::int64_t to_number(std::string_view text);

std::string escape_xml(std::string_view text);

}  // namespace herder::remote
