#pragma once
// Serves the requests of one connection, one after the other: reads, verifies, lets the fault
// script interfere, answers.
#include <functional>

#include "s3d/api.h"
#include "s3d/fault.h"
#include "s3d/server.h"
#include "s3d/wire.h"

namespace herder::s3d {

struct Shop {
    const ServerOptions& options;
    ServerClock& clock;
    Api& api;
    FaultScript& faults;
    std::function<void(Record)> note;
};

class Connection {
  public:
    Connection(Wire& wire, Shop& shop) : wire_(wire), shop_(shop) {}
    // Until the peer leaves, an answer ends the connection, or a fault breaks it.
    void serve();

  private:
    // False: the connection ends.
    bool serve_one(const std::string& head);
    bool answer(const Request& request, BodySource& body, Record& record);
    bool verify(const Request& request, Verified& verified, Reply& refusal) const;
    Result<Reply> act(const Request& request, const Verified& verified, BodySource& body,
                      const Record& record) const;
    // The answer of a fault that replaces acting; nothing if the request is to be acted upon.
    std::optional<Reply> faulty_reply(const FaultRule& rule, const Verified& verified,
                                      const std::string& operation) const;
    // Whether one that lets the request be acted upon shows in it: a short body has no 100th byte.
    bool strikes(const FaultRule& rule, const Reply& reply) const;
    bool send(const Request& request, const Reply& reply, const std::optional<FaultRule>& fault);
    Status send_content(const Reply& reply, std::uint64_t length,
                        const std::optional<FaultRule>& fault);
    bool drain(BodySource& body);

    Wire& wire_;
    Shop& shop_;
};

}  // namespace herder::s3d
