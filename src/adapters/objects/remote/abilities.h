#pragma once
// What a bucket was seen to do. Compatible stores differ, so nothing is used that the probe has not
// seen work; the record is kept beside the storage's settings.
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace herder::remote {

enum class PutIfAbsent {
    kNone,          // safety then comes from unique keys and a single writer
    kHeader,        // If-None-Match: *
    kGoogleHeader,  // x-goog-if-generation-match: 0
};

struct Abilities {
    PutIfAbsent put_if_absent = PutIfAbsent::kNone;
    bool multipart = false;
    bool checksums = false;       // x-amz-checksum-crc32c is verified
    bool part_checksums = false;  // and of the parts of a multipart upload
    bool signed_size = false;     // a presigned PUT takes exactly the signed length
    bool ranges = false;          // a presigned GET answers parts
    bool range_if_match = false;
    bool lists_at_once = false;     // a listing shows what was just put
    bool complete_repeats = false;  // a repeated Complete answers as the first did
    bool equal_parts = false;       // all parts but the last have one size
    Bytes part_size_min{5 << 20};
    int parts_max = 10'000;
    std::string provider;  // "aws", "r2", ...
    std::string probed;    // when, as RFC 3339; empty: never
    bool operator==(const Abilities&) const = default;
};

std::string to_json(const Abilities& abilities);
Result<Abilities> parse_abilities(std::string_view text);

// What is known of a provider before anything was tried: limits, nothing that must work.
Abilities preset_of(const std::string& provider);

}  // namespace herder::remote
