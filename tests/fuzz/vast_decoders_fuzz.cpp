// Everything that reads what a market sends: no input may crash it, and what it accepts must hold
// its own promises. The first byte chooses the decoder.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/providers/vast/charges_json.h"
#include "adapters/providers/vast/instances_json.h"
#include "adapters/providers/vast/offers_json.h"
#include "adapters/providers/vast/outcome.h"
#include "base/assert.h"
#include "core/provisioner/label.h"

namespace {

using namespace herder;

void fuzz_create(std::string_view body, int status) {
    http::Response response;
    response.status = status;
    response.body = std::string(body);
    const CreateAnswer answer = vast::classify_create(http::CallResult(std::move(response)));
    HERDER_ASSERT(answer.outcome != input::CallOutcome::kDone || answer.contract);
    HERDER_ASSERT(!answer.not_sent);
}

void fuzz_offers(std::string_view body, bool interruptible) {
    OfferQuery query;
    query.gpu_count = 0;
    query.interruptible = interruptible;
    const auto page = vast::parse_offers(body, query, WallTime{1'795'435'200'000'000});
    if (!page) return;
    for (const Offer& offer : page->offers) {
        HERDER_ASSERT(offer.ask > 0 && offer.gpu_count > 0 && offer.verified);
        HERDER_ASSERT(offer.gpu_price >= UsdPerHour{} && offer.remaining >= Duration{});
    }
}

void fuzz_machines(std::string_view body) {
    const auto page = vast::parse_machine_page(body);
    if (!page) return;
    for (const ListedMachine& machine : page->machines)
        HERDER_ASSERT(machine.contract.value > 0);
    (void)vast::parse_machine(body);
}

void fuzz_label(std::string_view text) {
    const ClusterIdentity cluster{.name = "a1b2", .key = "key"};
    const auto intent = parse_label(cluster, text);
    HERDER_ASSERT(!intent || make_label(cluster, *intent) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 8) {
        case 0:
            fuzz_create(body, 200);
            break;
        case 1:
            fuzz_create(body, 400);
            break;
        case 2:
            fuzz_create(body, 502);
            break;
        case 3:
            fuzz_offers(body, (data[0] & 8) != 0);
            break;
        case 4:
            fuzz_machines(body);
            break;
        case 5:
            (void)vast::parse_charges(body, 1);
            break;
        case 6:
            (void)vast::parse_account(body);
            break;
        case 7:
            fuzz_label(body);
            break;
    }
    return 0;
}
