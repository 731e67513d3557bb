#pragma once
// Reads JSON bodies and gathers all that is wrong with them, each with a JSON pointer. Private to
// the *_json.cpp files of api/.
// tidy:allow heavy-include shared by the json routes of this folder
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/problem_json.h"

namespace herder::api {

class BodyReader {
  public:
    using Object = boost::json::object;

    // The body as an object; nothing where it is none, with a complaint that has line and column
    // where it is no JSON at all.
    std::optional<Object> parse(const std::string& body);
    // Complains about each key of `object`, which is at `pointer`, that is not among `known`.
    void check_keys(const Object& object, const std::string& pointer,
                    const std::vector<std::string>& known);
    // What the key holds, or the empty value where it is absent or null.
    std::string text(const Object& object, const std::string& pointer, const std::string& key);
    bool flag(const Object& object, const std::string& pointer, const std::string& key);
    void complain(const std::string& pointer, const std::string& message,
                  const std::string& suggestion = "");
    // Complains about what `said` has and `meant`, the same document as it was understood, lacks.
    void check_understood(const boost::json::value& said, const boost::json::value& meant,
                          const std::string& pointer);

    bool is_good() const { return wrong_.empty(); }
    Problem problem() const { return {invalid(wrong_.front().message), wrong_}; }

  private:
    std::vector<Complaint> wrong_;
};

}  // namespace herder::api
