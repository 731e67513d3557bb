// The second half of Session: answers on their way to the client.
#include <array>
#include <cstdio>
#include <utility>

#include "adapters/http/server_session.h"

namespace herder::http {
namespace {

constexpr std::size_t kFilePiece = 256 * 1024;
// Bodies up to this size are copied behind their head, so that both leave in one packet.
constexpr std::size_t kJoinMax = 16 * 1024;

bool never_has_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

std::string chunk_head(std::size_t size) {
    std::array<char, 24> text{};
    const int length = std::snprintf(text.data(), text.size(), "%zx\r\n", size);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

// Looks for something new to send, unless a write is in progress; its end looks again.
void Session::progress() {
    if (phase_ != Phase::kAnswer || writing_ || answer_complete_ || file_ || !channel_) return;
    ReplyChannel::Progress news = channel_->take();
    if (news.response) {
        begin_answer(std::move(*news.response), news.is_stream);
    } else if (answer_begun_) {
        send_stream(std::move(news));
    }
}

void Session::begin_answer(Response response, bool is_stream) {
    answer_begun_ = true;
    if (!check_headers(response.headers) || response.status < 200 || response.status > 999) {
        response = make_response(500, "text/plain", "the answer was malformed\n");
        if (is_stream) keep_alive_ = false;
        is_stream = false;
    }
    if (is_stream) {
        begin_stream(response);
    } else if (!response.file_path.empty()) {
        begin_file(response);
    } else {
        send_body(std::move(response));
    }
}

void Session::send_body(Response response) {
    answer_complete_ = true;
    const bool bare = never_has_body(response.status);
    const Framing framing = bare ? Framing(NoBody{}) : Framing(SizedBody{response.body.size()});
    std::string head = make_response_head(response, framing, keep_alive_);
    std::string body = bare || is_head_request_ ? std::string() : std::move(response.body);
    write(std::move(head), std::move(body));
}

void Session::begin_file(Response& response) {
    Result<FileBody> file = FileBody::open(response.file_path);
    if (!file) {
        send_body(make_response(404, "text/plain", "the file cannot be read\n"));
        return;
    }
    const std::uint64_t total = file->total();
    ByteRange range{0, total};
    RangeVerdict verdict = RangeVerdict::kWhole;
    if (!range_header_.empty() && response.status == 200) {
        verdict = parse_range(range_header_, total, range);
    }
    response.headers.set("Accept-Ranges", "bytes");
    if (verdict == RangeVerdict::kUnsatisfiable) {
        Response refusal = make_response(416, "text/plain", "the range lies outside the file\n");
        refusal.headers.set("Content-Range", "bytes */" + std::to_string(total));
        send_body(std::move(refusal));
        return;
    }
    if (verdict == RangeVerdict::kPart) {
        response.status = 206;
        response.headers.set("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                  std::to_string(range.first + range.length - 1) +
                                                  "/" + std::to_string(total));
    }
    file->select(range);
    answer_complete_ = is_head_request_ || range.length == 0;
    if (!answer_complete_) file_.emplace(std::move(*file));
    write(make_response_head(response, SizedBody{range.length}, keep_alive_), {});
}

void Session::send_file_piece() {
    std::string piece;
    if (!file_->read(piece, kFilePiece)) {
        close(false);  // the promised length can no longer be kept
        return;
    }
    if (file_->is_done()) {
        file_.reset();
        answer_complete_ = true;
    }
    write(std::move(piece), {});
}

void Session::begin_stream(const Response& response) {
    is_chunked_ = parser_->version >= 11;
    if (!is_chunked_) keep_alive_ = false;
    const Framing framing = is_chunked_ ? Framing(ChunkedBody{}) : Framing(BodyUntilClose{});
    answer_complete_ = is_head_request_ || never_has_body(response.status);
    if (answer_complete_) channel_->detach(false);
    write(make_response_head(
              response, never_has_body(response.status) ? Framing(NoBody{}) : framing, keep_alive_),
          {});
}

void Session::send_stream(ReplyChannel::Progress news) {
    if (news.is_ended && news.is_broken) {
        close(false);
        return;
    }
    std::string head;
    if (!news.bytes.empty() && is_chunked_) {
        head = chunk_head(news.bytes.size());
        news.bytes += "\r\n";
    }
    if (news.is_ended) {
        answer_complete_ = true;
        if (is_chunked_) news.bytes += "0\r\n\r\n";
    }
    if (!news.bytes.empty()) {
        write(std::move(head), std::move(news.bytes));
    } else if (news.is_ended) {
        end_answer();
    } else {
        channel_->drained();
    }
}

void Session::write(std::string head, std::string body) {
    if (body.size() <= kJoinMax) {
        head += body;
        body.clear();
    }
    output_ = {std::move(head), std::move(body)};
    output_sent_ = 0;
    writing_ = true;
    write_some();
}

void Session::write_some() {
    allow(context_.options.body_timeout);
    std::array<asio::const_buffer, 2> buffers;
    std::size_t skip = output_sent_;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        buffers[i] = asio::buffer(output_[i]) + skip;
        skip -= std::min(skip, output_[i].size());
    }
    const auto done = [self = shared_from_this()](const boost::system::error_code& ec,
                                                  std::size_t count) {
        self->on_written(ec, count);
    };
    if (tls_) {
        tls_->async_write_some(buffers, done);
    } else {
        socket_.async_write_some(buffers, done);
    }
}

void Session::on_written(const boost::system::error_code& ec, std::size_t count) {
    if (phase_ == Phase::kClosed) return;
    if (ec) {
        close(true);
        return;
    }
    output_sent_ += count;
    if (output_sent_ < output_[0].size() + output_[1].size()) {
        write_some();
        return;
    }
    writing_ = false;
    output_ = {};
    if (continue_pending_) {
        continue_pending_ = false;
        pump();
        return;
    }
    if (answer_complete_) {
        end_answer();
    } else if (file_) {
        send_file_piece();
    } else {
        allow_forever();
        progress();
        watch();
    }
}

void Session::end_answer() {
    if (const auto channel = std::exchange(channel_, nullptr)) channel->detach(false);
    if (phase_ == Phase::kClosed) return;
    if (keep_alive_ && parser_->is_done()) {
        begin_request();
    } else {
        finish_connection();
    }
}

}  // namespace herder::http
