#pragma once
// Puts a large request body on the wire, piece by piece. Private to this folder.
#include "adapters/http/client.h"
#include "adapters/http/file_window.h"
#include "adapters/http/wire.h"

namespace herder::http {

class BodySender {
  public:
    // All are kept and must outlive it.
    BodySender(Wire& wire, const CallOptions& options, const Wait& wait)
        : wire_(wire), options_(options), wait_(wait) {}

    // `answered_early`: the server has said something before it had everything; the rest was kept.
    Status send(const BodySource& body, bool& answered_early);

  private:
    Status send_from(const BodySource& body, bool& answered_early);
    Status send_mapped(const BodySource& body, FileWindow& window, bool& answered_early);
    Status send_read(const BodySource& body, bool& answered_early);
    Status send_piece(const BodySource& body, std::string_view piece);
    // Whether something came in before all is out.
    bool is_answered(std::uint64_t sent, const BodySource& body);

    Wire& wire_;
    const CallOptions& options_;
    const Wait& wait_;
};

}  // namespace herder::http
