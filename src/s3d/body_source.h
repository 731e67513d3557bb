#pragma once
// The body of a request as a stream of decoded bytes: by length, in HTTP chunks, in the chunks of
// aws-chunked with their signatures and trailer.
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "s3d/signature.h"

namespace herder::s3d {

// Where encoded bytes come from: the connection.
class Input {
  public:
    virtual ~Input() = default;
    // At least one byte, at most `size`; an error when the peer is gone.
    virtual Result<std::size_t> read_some(char* out, std::size_t size) = 0;
    // Without looking at them; the discard mode uses it.
    virtual Result<std::size_t> skip_some(std::size_t size) = 0;
    // Up to and including "\r\n", which is cut off.
    virtual Result<std::string> read_line() = 0;
};

class BodySource {
  public:
    virtual ~BodySource() = default;
    // 0 is the end. kInvalid: the framing is broken; kForbidden: a chunk's signature is wrong.
    virtual Result<std::size_t> read(char* out, std::size_t size) = 0;
    // Like read() where nobody wants the bytes.
    virtual Result<std::size_t> skip(std::size_t size);
    // Filled once the end was read.
    std::map<std::string, std::string> trailers;
};

std::unique_ptr<BodySource> make_length_source(Input& input, std::uint64_t length);
std::unique_ptr<BodySource> make_http_chunk_source(Input& input);
// `length`: x-amz-decoded-content-length. Both `inner` and `verified` must outlive it.
std::unique_ptr<BodySource> make_aws_chunk_source(BodySource& inner, const Verified& verified,
                                                  std::uint64_t length);

}  // namespace herder::s3d
