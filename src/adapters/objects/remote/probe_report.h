#pragma once
// What a probe of a store has found, and how a machine's use of a signed URL is tried.
#include <algorithm>
#include <string>
#include <vector>

#include "adapters/http/client.h"
#include "adapters/objects/remote/abilities.h"

namespace herder::remote {

enum class Verdict {
    kWorks,
    kMissing,  // the engine does without
    kBroken,   // the engine cannot work without it
};

struct ProbeCheck {
    std::string name;  // "put if absent"
    Verdict verdict = Verdict::kMissing;
    std::string detail;  // what was seen, and for kBroken what to do
};

struct ProbeReport {
    Abilities abilities;
    std::vector<ProbeCheck> checks;
    bool is_usable() const {
        return std::none_of(checks.begin(), checks.end(), [](const ProbeCheck& check) {
            return check.verdict == Verdict::kBroken;
        });
    }
};

struct UrlUse {
    std::string method;
    std::string url;
    std::string body;
    http::Headers headers{};
};
// The status of a request with this URL, as a worker makes it; 0 where none came.
int use_url(const UrlUse& use, const http::TlsTrust& trust, std::string* answer = nullptr);

}  // namespace herder::remote
