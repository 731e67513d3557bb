#include "s3d/body_source.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/digest.h"

namespace herder::s3d {

namespace {

constexpr std::size_t kLineMax = 16 * 1024;

Result<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, 16);
    if (error != std::errc() || end != text.data() + text.size()) {
        return invalid("a chunk has no size");
    }
    return size;
}

class LengthSource : public BodySource {
  public:
    LengthSource(Input& input, std::uint64_t length) : input_(input), left_(length) {}
    Result<std::size_t> read(char* out, std::size_t size) override {
        return count(left_ == 0 ? Result<std::size_t>(0) : input_.read_some(out, fit(size)));
    }
    Result<std::size_t> skip(std::size_t size) override {
        return count(left_ == 0 ? Result<std::size_t>(0) : input_.skip_some(fit(size)));
    }

  private:
    std::size_t fit(std::size_t size) const {
        return static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
    }
    Result<std::size_t> count(Result<std::size_t> got) {
        if (got) left_ -= *got;
        return got;
    }
    Input& input_;
    std::uint64_t left_;
};

class HttpChunkSource : public BodySource {
  public:
    explicit HttpChunkSource(Input& input) : input_(input) {}
    Result<std::size_t> read(char* out, std::size_t size) override {
        if (done_) return 0;
        if (left_ == 0) {
            if (auto begun = begin_chunk(); !begun) return begun.error();
            if (done_) return 0;
        }
        auto got =
            input_.read_some(out, static_cast<std::size_t>(std::min<std::uint64_t>(left_, size)));
        if (!got) return got;
        left_ -= *got;
        if (left_ == 0) {
            const auto end = input_.read_line();
            if (!end || !end->empty()) return invalid("a chunk does not end where it should");
        }
        return got;
    }

  private:
    Status begin_chunk() {
        const auto line = input_.read_line();
        if (!line) return line.error();
        const auto size = parse_size(line->substr(0, line->find(';')));
        if (!size) return size.error();
        left_ = *size;
        done_ = left_ == 0;
        while (done_) {
            const auto trailer = input_.read_line();
            if (!trailer) return trailer.error();
            if (trailer->empty()) break;
        }
        return ok();
    }
    Input& input_;
    std::uint64_t left_ = 0;
    bool done_ = false;
};

class AwsChunkSource : public BodySource {
  public:
    AwsChunkSource(BodySource& inner, const Verified& verified, std::uint64_t length)
        : inner_(inner),
          verified_(verified),
          expected_(length),
          previous_(verified.seed_signature) {}

    Result<std::size_t> read(char* out, std::size_t size) override {
        if (done_) return 0;
        if (left_ == 0) {
            if (auto begun = begin_chunk(); !begun) return begun.error();
            if (done_) return 0;
        }
        const auto got = take(out, static_cast<std::size_t>(std::min<std::uint64_t>(left_, size)));
        if (!got) return got.error();
        if (*got == 0) return invalid("the body ends within a chunk");
        hash_->update({out, *got});
        left_ -= *got;
        total_ += *got;
        if (left_ == 0) {
            if (auto ended = end_chunk(); !ended) return ended.error();
        }
        return *got;
    }

  private:
    bool is_signed() const { return verified_.payload != Payload::kUnsignedTrailer; }

    Status begin_chunk() {
        const auto line = read_line();
        if (!line) return line.error();
        const std::size_t mark = std::min(line->find(';'), line->size());
        const auto size = parse_size(std::string_view(*line).substr(0, mark));
        if (!size) return size.error();
        signature_ = line->substr(mark);
        left_ = *size;
        hash_ = std::make_unique<Sha256Stream>();
        if (left_ > 0) return ok();
        done_ = true;
        return finish();
    }

    Status check_signature() {
        if (!is_signed()) return ok();
        const std::string expected = chunk_signature(verified_, previous_, hash_->finish_hex());
        if (signature_ != ";chunk-signature=" + expected) {
            return Error{ErrorCode::kForbidden, "the signature of a chunk does not match"};
        }
        previous_ = expected;
        return ok();
    }

    Status end_chunk() {
        const auto line = read_line();
        if (!line || !line->empty()) return invalid("a chunk does not end where it should");
        return check_signature();
    }

    Status finish() {
        if (auto checked = check_signature(); !checked) return checked;
        if (total_ != expected_) {
            return invalid("the body has another length than x-amz-decoded-content-length says");
        }
        std::string covered;
        std::string trailer_signature_given;
        while (true) {
            const auto line = read_line();
            if (!line) return line.error();
            if (line->empty()) break;
            const std::size_t colon = line->find(':');
            if (colon == std::string::npos) return invalid("a trailer is malformed");
            const std::string name = line->substr(0, colon);
            std::string value = line->substr(colon + 1);
            value.erase(0, value.find_first_not_of(' '));
            if (name == "x-amz-trailer-signature") {
                trailer_signature_given = value;
                continue;
            }
            covered += name + ":" + value + "\n";
            trailers[name] = value;
        }
        if (verified_.payload == Payload::kSignedTrailer &&
            trailer_signature(verified_, previous_, covered) != trailer_signature_given) {
            return Error{ErrorCode::kForbidden, "the signature of the trailer does not match"};
        }
        return ok();
    }

    Result<std::size_t> take(char* out, std::size_t size) {
        if (at_ == buffered_.size()) return inner_.read(out, size);
        const std::size_t count = std::min(size, buffered_.size() - at_);
        std::copy_n(buffered_.data() + at_, count, out);
        at_ += count;
        return count;
    }

    // The last empty line may be missing: some clients end with the trailer itself.
    Result<std::string> read_line() {
        std::string line;
        while (line.size() < kLineMax) {
            if (at_ == buffered_.size()) {
                std::array<char, 256> piece{};
                const auto got = inner_.read(piece.data(), piece.size());
                if (!got) return got.error();
                if (*got == 0 && line.empty()) return line;
                if (*got == 0) return invalid("the body ends within a line");
                buffered_.assign(piece.data(), *got);
                at_ = 0;
            }
            line += buffered_[at_++];
            if (line.ends_with("\r\n")) return line.substr(0, line.size() - 2);
        }
        return invalid("a line of the body is too long");
    }

    BodySource& inner_;
    const Verified& verified_;
    const std::uint64_t expected_;
    std::string previous_;
    std::string signature_;
    std::unique_ptr<Sha256Stream> hash_;
    std::string buffered_;  // read while looking for the end of a line
    std::size_t at_ = 0;
    std::uint64_t left_ = 0;
    std::uint64_t total_ = 0;
    bool done_ = false;
};

}  // namespace

Result<std::size_t> BodySource::skip(std::size_t size) {
    std::array<char, 16 * 1024> unused{};
    return read(unused.data(), std::min(size, unused.size()));
}

std::unique_ptr<BodySource> make_length_source(Input& input, std::uint64_t length) {
    return std::make_unique<LengthSource>(input, length);
}
std::unique_ptr<BodySource> make_http_chunk_source(Input& input) {
    return std::make_unique<HttpChunkSource>(input);
}
std::unique_ptr<BodySource> make_aws_chunk_source(BodySource& inner, const Verified& verified,
                                                  std::uint64_t length) {
    return std::make_unique<AwsChunkSource>(inner, verified, length);
}

}  // namespace herder::s3d
