// Everything that reads what a market sends: no input may crash it, and what it accepts must hold
// its own promises. The first byte chooses the decoder.
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>

#include "adapters/providers/vast/charges_json.h"
#include "adapters/providers/vast/machine_list.h"
#include "adapters/providers/vast/offers_json.h"
#include "adapters/providers/vast/outcome.h"
#include "adapters/providers/vast/search_walk.h"
#include "base/assert.h"
#include "core/market/gpu_names.h"
#include "core/provisioner/label.h"

namespace {

using namespace herder;

void fuzz_create(std::string_view body, int status) {
    http::Response response;
    response.status = status;
    response.body = std::string(body);
    const CreateAnswer answer = vast::classify_create(http::CallResult(std::move(response)));
    HERDER_ASSERT(answer.outcome != input::CallOutcome::kDone || answer.contract);
    // Only what was turned away for haste was looked at by nobody.
    HERDER_ASSERT(!answer.not_sent ||
                  (status == 429 && answer.outcome == input::CallOutcome::kRefused));
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
    (void)vast::parse_machine(body);
    auto page = vast::parse_machine_page(body);
    if (!page) return;
    for (const vast::InstanceRecord& record : page->machines) {
        HERDER_ASSERT(record.machine.contract.value > 0);
        HERDER_ASSERT(record.machine.gpu_price >= UsdPerHour{});
        HERDER_ASSERT(record.ssh_host.find('\n') == std::string::npos);
        for (const vast::PortMapping& port : record.ports)
            HERDER_ASSERT(port.inside > 0 && port.outside > 0);
    }
    const std::size_t rows = page->machines.size();
    vast::MachineList list;
    if (!list.add(*page)) return;
    const auto machines = list.finish();
    HERDER_ASSERT(!machines || machines->size() == rows);
}

// Whatever pages come, a search ends, and shows every offer once.
void fuzz_walk(std::string_view body) {
    OfferQuery query;
    query.gpu_count = 0;
    query.limit = 1 + body.size() % 100;
    const auto page = vast::parse_offers(body, query, WallTime{1'795'435'200'000'000});
    if (!page) return;
    vast::SearchWalk walk(query);
    int calls = 0;
    while (!walk.is_done()) {
        HERDER_ASSERT(!walk.next_body().empty());
        HERDER_ASSERT(++calls <= 12);
        walk.add(*page);
    }
    std::set<std::int64_t> asks;
    for (const Offer& offer : walk.take())
        HERDER_ASSERT(asks.insert(offer.ask).second);
}

void fuzz_changes(std::string_view body, int status) {
    http::Response response;
    response.status = status;
    response.body = std::string(body);
    const http::CallResult result(std::move(response));
    const CallAnswer started = vast::classify_start(result);
    HERDER_ASSERT(!started.queued || started.outcome == input::CallOutcome::kRefused);
    const CallAnswer destroyed = vast::classify_destroy(result);
    HERDER_ASSERT(destroyed.outcome != input::CallOutcome::kDone || !body.empty());
    (void)vast::classify_change(result);
    const vast::Reply reply = vast::parse_reply(status, body);
    (void)vast::find_read_error(reply);
    HERDER_ASSERT(reply.describe().size() < 2'000);
    (void)vast::find_threshold(body);
}

void fuzz_gpu_name(std::string_view text) {
    const auto gpu = parse_gpu(text);
    if (!gpu) return;
    HERDER_ASSERT(!gpu->name.empty() && gpu->ram_mb_min >= 0);
    HERDER_ASSERT(parse_gpu_name(gpu->name) == gpu->name);
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
    constexpr std::array kStatuses = {200, 400, 404, 410, 429, 502};
    const int status = kStatuses[(data[0] >> 3) % kStatuses.size()];
    switch (data[0] % 8) {
        case 0:
            fuzz_create(body, status);
            break;
        case 1:
            fuzz_changes(body, status);
            break;
        case 2:
            fuzz_offers(body, (data[0] & 8) != 0);
            break;
        case 3:
            fuzz_machines(body);
            break;
        case 4:
            (void)vast::parse_charges(body, 1);
            break;
        case 5:
            fuzz_walk(body);
            break;
        case 6:
            fuzz_gpu_name(body);
            break;
        case 7:
            fuzz_label(body);
            break;
    }
    return 0;
}
