#pragma once
// Where the parts of a granted checkpoint's objects go (those of outputs: output_parts_json.h). The
// agent asks for a window of parts at a time, so that no URL outlives its use; what the store holds
// already is left out.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"

namespace herder::protocol {

constexpr std::size_t kPartsSizeMax = 1 << 20;
constexpr int kPartsWindow = 64;
// No store numbers parts beyond it (S3, multipart upload limits, as of 2026).
constexpr int kPartNumberMax = 10'000;

// How the agent cuts its files: as choose_part_size of core/checkpoints/part_plan.h does with
// these.
struct PartRules {
    Bytes size_min;
    int parts_max = 0;
    bool is_checked = false;  // the store verifies parts: their checksums are wanted
    bool operator==(const PartRules&) const = default;
};

struct PartsRequest {
    CheckpointId checkpoint;
    int index = 0;  // of the file
    int from = 1;   // the first part wanted
    std::vector<std::uint32_t>
        crc32c;  // of the parts from there on; may be empty unless is_checked
    int files =
        1;  // the window may go on into those after it, so many in all; at most kPartsWindow
    bool operator==(const PartsRequest&) const = default;
};

struct PartUrl {
    int number = 0;
    Bytes offset;
    Bytes size;
    std::string url;                             // PUT
    std::map<std::string, std::string> headers;  // to be sent with it
    int file = -1;                               // its index; -1: the one that was asked for
    bool operator==(const PartUrl&) const = default;
};
struct PartsResponse {
    std::vector<PartUrl> parts;  // those of the window that are missing
    int next = 0;                // ask again from this one; 0: that was all that was asked for
    int next_file = -1;          // of this file; -1: of the one that was asked for
    bool operator==(const PartsResponse&) const = default;
};

std::string to_json(const PartsRequest& request);
Result<PartsRequest> parse_parts_request(std::string_view text);
std::string to_json(const PartsResponse& response);
Result<PartsResponse> parse_parts_response(std::string_view text);

}  // namespace herder::protocol
