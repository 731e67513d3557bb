#pragma once
// Documents that the orchestrator writes into the artifact store, where others can write, too: the
// last member is a MAC over all text before it, made with the cluster's key.
#include <string>
#include <string_view>

namespace herder::protocol {

// `document`: the text of a JSON object. `label` keeps kinds of documents apart.
std::string seal_json(std::string document, std::string_view label, std::string_view mac_key);
bool is_sealed_json(std::string_view text, std::string_view label, std::string_view mac_key);

}  // namespace herder::protocol
