// The description says what the routes do: the same paths, methods, parameters and words. That the
// answers are as described is checked by scripts/check_api.py, over all tests of this folder.
#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "api/api_fixture.h"
#include "api/openapi.h"
#include "api/problem_json.h"
#include "api/routes.h"
#include "protocol/job_fields.h"

namespace herder::api {
namespace {

namespace json = boost::json;

const json::object& document() {
    static const json::value parsed = json::parse(openapi_document());
    return parsed.as_object();
}

// Below "#/components/", which all references of the description are.
const json::object& component(const std::string& kind, const std::string& name) {
    return document().at("components").at(kind).at(name).as_object();
}

const json::object& resolved(const json::value& parameter) {
    const json::value* ref = parameter.as_object().if_contains("$ref");
    if (ref == nullptr) return parameter.as_object();
    const std::string text(ref->as_string());
    return component("parameters", text.substr(text.rfind('/') + 1));
}

struct Described {
    std::set<std::string> query;
    std::set<std::string> names;
    bool is_public = false;
    bool operator==(const Described&) const = default;
};
using Table = std::map<std::string, Described>;

void add_parameters(const json::object& holder, Described& out) {
    const json::value* list = holder.if_contains("parameters");
    if (list == nullptr) return;
    for (const json::value& one : list->as_array()) {
        const json::object& parameter = resolved(one);
        const std::string name(parameter.at("name").as_string());
        if (parameter.at("in") == "query") out.query.insert(name);
        if (parameter.at("in") == "path") out.names.insert(name);
    }
}

Table described() {
    Table table;
    for (const auto& path : document().at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            if (operation.key() == "parameters") continue;
            std::string method(operation.key());
            std::transform(method.begin(), method.end(), method.begin(), ::toupper);
            Described& out = table[method + " " + std::string(path.key())];
            add_parameters(path.value().as_object(), out);
            add_parameters(operation.value().as_object(), out);
            const json::value* security = operation.value().as_object().if_contains("security");
            out.is_public = security != nullptr && security->as_array().empty();
        }
    }
    return table;
}

// As OpenAPI writes it: "{path...}" is "{path}" there.
Table routed() {
    Table table;
    for (const Route& route : all_routes()) {
        std::string path = route.path;
        if (const std::size_t dots = path.find("...}"); dots != std::string::npos)
            path.erase(dots, 3);
        Described& out = table[std::string(route.method) + " " + path];
        out.query = {route.query.begin(), route.query.end()};
        out.is_public = route.is_public;
        for (std::size_t at = 0; (at = path.find('{', at)) != std::string::npos; ++at)
            out.names.insert(path.substr(at + 1, path.find('}', at) - at - 1));
    }
    return table;
}

std::set<std::string> keys_of(const json::object& object) {
    std::set<std::string> keys;
    for (const auto& member : object)
        keys.emplace(member.key());
    return keys;
}

std::set<std::string> words_of(const std::string& schema) {
    std::set<std::string> words;
    for (const json::value& word : component("schemas", schema).at("enum").as_array())
        words.emplace(word.as_string());
    return words;
}

TEST(Openapi, DescribesTheRoutesThatThereAreAndNoOthers) {
    const Table in_document = described();
    const Table in_table = routed();
    for (const auto& [name, route] : in_table) {
        const auto found = in_document.find(name);
        ASSERT_NE(found, in_document.end()) << name << " is not in openapi.yaml";
        EXPECT_EQ(found->second.query, route.query) << name;
        EXPECT_EQ(found->second.names, route.names) << name;
        EXPECT_EQ(found->second.is_public, route.is_public) << name;
    }
    EXPECT_EQ(in_document.size(), in_table.size()) << "openapi.yaml describes a route that is none";
}

TEST(Openapi, KnowsEveryProblemCodeWithItsStatus) {
    std::set<std::string> codes;
    for (const CodeRow& row : code_rows())
        codes.insert(row.name);
    EXPECT_EQ(words_of("Code"), codes);
}

TEST(Openapi, KnowsEveryReasonWhyAnAttemptEnds) {
    std::set<std::string> reasons;
    for (const auto& [word, reason] : protocol::EnumWords<EndReason>::kWords)
        reasons.insert(word);
    EXPECT_EQ(words_of("EndReason"), reasons);
}

TEST(Openapi, DescribesEveryFieldOfASpec) {
    JobSpec spec;
    spec.any_of.emplace_back();
    spec.start_from = CheckpointId{1};
    const json::value written = json::parse(protocol::to_json(spec));
    const json::object& schema = component("schemas", "JobSpec").at("properties").as_object();
    EXPECT_EQ(keys_of(schema), keys_of(written.as_object()));
    for (const char* part : {"checkpoint", "recovery", "limits"}) {
        EXPECT_EQ(keys_of(schema.at(part).at("properties").as_object()),
                  keys_of(written.at(part).as_object()));
    }
    EXPECT_EQ(keys_of(component("schemas", "ResourceRequest").at("properties").as_object()),
              keys_of(written.at("any_of").at(0).as_object()));
}

TEST(Openapi, NamesTheDefaultsThatASpecHas) {
    JobSpec spec;
    spec.any_of.emplace_back();
    const json::value written = json::parse(protocol::to_json(spec));
    const auto check = [](const json::object& properties, const json::object& defaults) {
        for (const auto& member : properties) {
            const json::value* said = member.value().as_object().if_contains("default");
            if (said != nullptr) EXPECT_EQ(*said, defaults.at(member.key())) << member.key();
        }
    };
    const json::object& schema = component("schemas", "JobSpec").at("properties").as_object();
    check(schema, written.as_object());
    for (const char* part : {"checkpoint", "recovery", "limits"})
        check(schema.at(part).at("properties").as_object(), written.at(part).as_object());
    check(component("schemas", "ResourceRequest").at("properties").as_object(),
          written.at("any_of").at(0).as_object());
}

TEST(Openapi, IsSentToAnybody) {
    ApiRig rig;
    Request wish = ApiRig::request("GET", "/api/v1/openapi.json");
    wish.bearer = "";
    const Response response = rig.call(wish);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, openapi_document());
    EXPECT_EQ(document().at("openapi"), "3.1.0");
}

}  // namespace
}  // namespace herder::api
