#pragma once
// Beast's parser feeding our Request and Response. Private to this folder, and heavy to include.
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "adapters/http/message.h"

namespace herder::http {

namespace beast = boost::beast;

template <bool kIsRequest>
class MessageParser : public beast::http::basic_parser<kIsRequest> {
  public:
    using Code = beast::error_code;

    MessageParser() {
        this->eager(true);
        // Beast's own limit would refuse before the head is known; on_piece() counts instead.
        this->body_limit(boost::none);
    }

    Headers headers;
    std::string method;
    std::string target;
    int status = 0;
    int version = 11;  // 10 or 11; requests only
    // The field "Transfer-Encoding" stands but is not just "chunked".
    bool has_odd_encoding = false;

  protected:
    // One piece of the body; sets `ec` to stop.
    virtual void on_piece(std::string_view piece, Code& ec) = 0;

  private:
    static std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

    void on_request_impl(beast::http::verb, beast::string_view method_text,
                         beast::string_view target_text, int number, Code&) override {
        version = number;
        method = view(method_text);
        target = view(target_text);
    }
    void on_response_impl(int code, beast::string_view, int, Code&) override { status = code; }
    void on_field_impl(beast::http::field known, beast::string_view name, beast::string_view value,
                       Code&) override {
        if (known == beast::http::field::transfer_encoding &&
            !equal_ignoring_case(view(value), "chunked")) {
            has_odd_encoding = true;
        }
        headers.add(std::string(view(name)), std::string(view(value)));
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(beast::string_view piece, Code& ec) override {
        on_piece(view(piece), ec);
        return piece.size();
    }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view piece, Code& ec) override {
        on_piece(view(piece), ec);
        return piece.size();
    }
    void on_finish_impl(Code&) override {}
};

// Feeds what `buffer` holds. True when the parser made all it could of it and wants more.
template <class Parser>
bool feed(Parser& parser, beast::flat_buffer& buffer, beast::error_code& ec) {
    const std::size_t before = buffer.size();
    const std::size_t used = parser.put(buffer.data(), ec);
    buffer.consume(used);
    if (ec == beast::http::error::need_more) {
        ec = {};
        return true;
    }
    return !ec && !parser.is_done() && used == before;
}

}  // namespace herder::http
