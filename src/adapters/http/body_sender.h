#pragma once
// Puts a large request body on the wire, piece by piece. Private to this folder.
#include "adapters/http/client.h"
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
    Status send_from_file(const BodySource& body, std::uint64_t at, std::size_t size);
    Status send_from_memory(const BodySource& body, std::size_t size);
    Wait patience() const { return wait_.capped(options_.idle_timeout); }

    Wire& wire_;
    const CallOptions& options_;
    const Wait& wait_;
    std::string piece_;
};

}  // namespace herder::http
