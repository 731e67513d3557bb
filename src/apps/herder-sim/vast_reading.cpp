#include "apps/herder-sim/vast_reading.h"

#include "adapters/providers/vast/outcome.h"

namespace herder::sim {

namespace {

http::CallResult make_result(int status, const std::string& body) {
    http::Response response;
    response.status = status;
    response.body = body;
    return response;
}

}  // namespace

ClientReading make_vast_reading() {
    ClientReading reading;
    reading.create = [](int status, const std::string& body) {
        const CreateAnswer answer = vast::classify_create(make_result(status, body));
        input::CreateEnded end;
        end.outcome = answer.outcome;
        end.contract = answer.contract;
        end.offer_gone = answer.offer_gone;
        end.not_sent = answer.not_sent;
        end.stop_all = answer.stop_all;
        end.detail = answer.detail;
        end.retry_in = answer.retry_in;
        return end;
    };
    reading.destroy = [](int status, const std::string& body) {
        return vast::classify_destroy(make_result(status, body)).outcome;
    };
    return reading;
}

}  // namespace herder::sim
