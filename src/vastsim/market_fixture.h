#pragma once
// What the tests of the market share: a start of time and a rented, booted machine.
#include <gtest/gtest.h>

#include <algorithm>

#include "vastsim/market.h"

namespace herder::vastsim {

// 2026-09-21T14:13:20Z, in the middle of a day.
inline constexpr WallTime kStart{1'790'000'000'000'000};

inline Offer cheapest(const Market& market, bool bid, const std::string& card = "RTX 4090") {
    std::vector<Offer> rows = market.offers(bid, 10'000);
    std::erase_if(rows, [&](const Offer& o) {
        return !o.rentable || o.machine->gpu.name != card || o.ask.gpu_count != 1;
    });
    EXPECT_FALSE(rows.empty());
    return *std::min_element(rows.begin(), rows.end(), [](const Offer& a, const Offer& b) {
        return a.dph_total() < b.dph_total();
    });
}

inline CreateRequest request_for(const Offer& offer) {
    CreateRequest request;
    request.ask_id = offer.ask.id;
    request.image = "ghcr.io/acme/worker:1.4";
    request.disk_gb = 10;
    request.onstart = "echo hello";
    request.label = "t-1";
    request.cancel_unavail = true;
    if (offer.is_bid) request.price = offer.min_bid;
    return request;
}

inline ContractNumber rent(Market& market, bool bid) {
    const CreateOutcome outcome = market.create(request_for(cheapest(market, bid)));
    const Created* created = std::get_if<Created>(&outcome);
    EXPECT_NE(created, nullptr);
    return created ? created->id : 0;
}

inline ContractNumber boot(Market& market, bool bid) {
    const ContractNumber id = rent(market, bid);
    market.advance(market.now() + minutes(2));
    EXPECT_EQ(market.contracts().at(id).container, ContainerState::kRunning);
    (void)market.take_commands();
    return id;
}

}  // namespace herder::vastsim
