#pragma once
// Outputs that are too large to be sent whole: where their parts go, that all were sent, and what
// the server writes down in the store about them, so that the server after it goes on.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/parts_json.h"

namespace herder::protocol {

constexpr std::size_t kOutputUploadsSizeMax = 4 << 20;

// A file as it is on the machine. One that was changed since has another checksum, and what was
// sent of it before does not count.
struct SentOutput {
    std::string path;  // as in SignRequest
    Bytes size;
    std::uint32_t crc32c = 0;
    bool operator==(const SentOutput&) const = default;
};

// Answered by a PartsResponse, whose parts are all of this file.
struct OutputPartsRequest {
    SentOutput output;
    int from = 1;                         // the first part wanted
    std::vector<std::uint32_t> crc32c{};  // of the parts from there on, as in PartsRequest
    bool operator==(const OutputPartsRequest&) const = default;
};

// The uploads of one attempt's outputs.
struct OutputUpload {
    SentOutput output;
    std::string upload;  // as the store names it
    bool is_done = false;
    bool operator==(const OutputUpload&) const = default;
};
struct OutputUploads {
    std::vector<OutputUpload> uploads;
    bool operator==(const OutputUploads&) const = default;
};

std::string to_json(const SentOutput& output);
Result<SentOutput> parse_sent_output(std::string_view text);
std::string to_json(const OutputPartsRequest& request);
Result<OutputPartsRequest> parse_output_parts_request(std::string_view text);
std::string to_json(const OutputUploads& uploads);
Result<OutputUploads> parse_output_uploads(std::string_view text);

}  // namespace herder::protocol
