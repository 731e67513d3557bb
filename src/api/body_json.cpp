#include "api/body_json.h"

#include <algorithm>

#include "base/suggest.h"

namespace herder::api {

namespace json = boost::json;

namespace {

// Where the `at`th byte of a text stands, both from 1.
Complaint at_byte(const std::string& text, std::size_t at, const std::string& message) {
    Complaint out{"", message, "", 1, 1};
    for (std::size_t i = 0; i < std::min(at, text.size()); ++i) {
        ++out.column;
        if (text[i] != '\n') continue;
        ++out.line;
        out.column = 1;
    }
    return out;
}

std::string escaped(const std::string& key) {
    std::string out;
    for (const char c : key) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

}  // namespace

std::optional<json::object> BodyReader::parse(const std::string& body) {
    json::stream_parser parser;
    boost::system::error_code error;
    const std::size_t read = parser.write_some(body, error);
    if (!error) parser.finish(error);
    const bool has_more = !error && read < body.size();
    if (error || has_more) {
        const std::string why = has_more ? "more follows the document" : error.message();
        wrong_.push_back(at_byte(body, read, "the body is not JSON: " + why));
        return std::nullopt;
    }
    json::value value = parser.release();
    if (value.is_object()) return std::move(value.as_object());
    complain("", "the body is not a JSON object");
    return std::nullopt;
}

void BodyReader::complain(const std::string& pointer, const std::string& message,
                          const std::string& suggestion) {
    wrong_.push_back({pointer, message, suggestion});
}

void BodyReader::check_keys(const Object& object, const std::string& pointer,
                            const std::vector<std::string>& known) {
    for (const auto& member : object) {
        const std::string key(member.key());
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        complain(pointer + "/" + escaped(key), "there is no field '" + key + "' here",
                 nearest(key, known));
    }
}

std::string BodyReader::text(const Object& object, const std::string& pointer,
                             const std::string& key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return "";
    if (value->is_string()) return std::string(value->as_string());
    complain(pointer + "/" + key, "'" + key + "' is not text");
    return "";
}

bool BodyReader::flag(const Object& object, const std::string& pointer, const std::string& key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return false;
    if (value->is_bool()) return value->as_bool();
    complain(pointer + "/" + key, "'" + key + "' is not true or false");
    return false;
}

void BodyReader::check_understood(const json::value& said, const json::value& meant,
                                  const std::string& pointer) {
    if (said.is_object() && meant.is_object()) {
        std::vector<std::string> known;
        for (const auto& member : meant.as_object())
            known.emplace_back(member.key());
        check_keys(said.as_object(), pointer, known);
        for (const auto& member : said.as_object()) {
            const json::value* same = meant.as_object().if_contains(member.key());
            if (same == nullptr) continue;
            check_understood(member.value(), *same,
                             pointer + "/" + escaped(std::string(member.key())));
        }
    }
    if (!said.is_array() || !meant.is_array()) return;
    const std::size_t both = std::min(said.as_array().size(), meant.as_array().size());
    for (std::size_t i = 0; i < both; ++i) {
        check_understood(said.as_array()[i], meant.as_array()[i],
                         pointer + "/" + std::to_string(i));
    }
}

}  // namespace herder::api
