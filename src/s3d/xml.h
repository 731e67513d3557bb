#pragma once
// The little XML that S3 speaks: written here for answers, and read for the two documents that
// clients send (lists of parts and of keys).
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::s3d {

class XmlWriter {
  public:
    XmlWriter() : text_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}
    XmlWriter& open(std::string_view name, std::string_view attributes = "");
    XmlWriter& close();
    XmlWriter& leaf(std::string_view name, std::string_view value);
    std::string finish();

  private:
    std::string text_;
    std::vector<std::string> open_;
};

std::string xml_escape(std::string_view text);

// The texts of all elements named `name` directly inside each `parent`, one list a parent:
// xml_records(doc, "Part") gives the fields of each part.
using XmlRecord = std::vector<std::pair<std::string, std::string>>;
Result<std::vector<XmlRecord>> xml_records(std::string_view document, std::string_view parent);

}  // namespace herder::s3d
