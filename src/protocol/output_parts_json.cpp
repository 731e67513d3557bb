#include "protocol/output_parts_json.h"

#include "base/confined_path.h"
#include "protocol/agent_fields.h"

namespace herder::protocol {

template <class S, class V>
void fields(As<SentOutput>, S& s, V& v) {
    v("path", s.path);
    v("size", s.size);
    v("crc32c", s.crc32c);
}
template <class S, class V>
void fields(As<OutputPartsRequest>, S& s, V& v) {
    v("output", s.output);
    v("from", s.from);
    v("crc32c", s.crc32c);
}
template <class S, class V>
void fields(As<OutputUpload>, S& s, V& v) {
    v("output", s.output);
    v("upload", s.upload);
    v("is_done", s.is_done);
}
template <class S, class V>
void fields(As<OutputUploads>, S& s, V& v) {
    v("uploads", s.uploads);
}

namespace {

Status check(const SentOutput& output) {
    if (!is_confined_path(output.path))
        return invalid("'" + output.path + "' is no path below the outputs");
    if (output.size.count <= 0) return invalid("an empty output has no parts");
    return ok();
}

}  // namespace

std::string to_json(const SentOutput& output) {
    return write_document(output);
}
Result<SentOutput> parse_sent_output(std::string_view text) {
    auto output = read_document<SentOutput>(text, kPartsSizeMax).with_context("reading an output");
    if (!output) return output;
    if (auto checked = check(*output); !checked) return checked.error();
    return output;
}

std::string to_json(const OutputPartsRequest& request) {
    return write_document(request);
}
Result<OutputPartsRequest> parse_output_parts_request(std::string_view text) {
    auto request = read_document<OutputPartsRequest>(text, kPartsSizeMax)
                       .with_context("reading a request for an output's parts");
    if (!request) return request;
    if (auto checked = check(request->output); !checked) return checked.error();
    if (request->from < 1 || request->from > kPartNumberMax)
        return invalid("reading a request for an output's parts: there is no such part");
    return request;
}

std::string to_json(const OutputUploads& uploads) {
    return write_document(uploads);
}
Result<OutputUploads> parse_output_uploads(std::string_view text) {
    return read_document<OutputUploads>(text, kOutputUploadsSizeMax)
        .with_context("reading the uploads of outputs");
}

}  // namespace herder::protocol
