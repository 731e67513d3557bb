// Measures what a search costs us after the network: offers filtered and ranked, and a body parsed.
// Prints one line of JSON; bench/offers/run puts peers beside it. usage: herder-offers-bench BODY
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>

#include "adapters/providers/vast/offers_json.h"
#include "base/random.h"
#include "core/market/gpu_names.h"
#include "core/market/ranking.h"

namespace {

using namespace herder;

constexpr int kOffers = 100'000;
constexpr int kRuns = 31;
constexpr WallTime kNow{1'795'435'200'000'000};

// A market like the one that clients have recorded: all kinds of cards in slices of powers of two,
// half of the offers by bid.
std::vector<Offer> make_offers() {
    RandomStream draws(1, "offers");
    const std::vector<std::string>& names = known_gpu_names();
    std::vector<Offer> offers;
    for (int i = 0; i < kOffers; ++i) {
        Offer offer;
        offer.provider = "vast";
        offer.ask = 10'000'000 + i;
        offer.machine = 40'000 + i / 4;
        offer.host = 500 + i / 40;
        offer.gpu_name = names[draws.below(names.size())];
        offer.gpu_count = 1 << draws.below(4);
        offer.gpu_ram_mb = 1'024 * draws.between(8, 96);
        offer.interruptible = draws.chance_per_million(500'000);
        offer.gpu_price = {draws.between(40'000, 3'000'000)};
        offer.disk_price_per_gb = {draws.between(100, 400)};
        offer.reliability_ppm = static_cast<int>(draws.between(900'000, 1'000'000));
        offer.upload_mbps = static_cast<int>(draws.between(10, 2'000));
        offer.disk_free = gigabytes(draws.between(10, 2'000));
        offer.remaining = hours(draws.between(1, 2'000));
        offer.verified = true;
        offer.location = "US";
        offers.push_back(offer);
    }
    return offers;
}

struct Measured {
    double best_ms = 0;
    double median_ms = 0;
};

Measured measure(const std::function<void()>& work) {
    std::vector<double> times;
    for (int run = 0; run < kRuns; ++run) {
        const auto began = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - began;
        times.push_back(took.count());
    }
    std::sort(times.begin(), times.end());
    return {.best_ms = times.front(), .median_ms = times[times.size() / 2]};
}

JobSpec job_for(const std::vector<std::string>& gpus, std::int64_t ram_mb_min) {
    JobSpec spec;
    for (const std::string& gpu : gpus) {
        ResourceRequest request;
        request.gpu_name = gpu;
        request.gpu_ram_mb_min = ram_mb_min;
        request.disk = gigabytes(40);
        request.reliability_min_ppm = 950'000;
        request.price_max = {2'000'000};
        spec.any_of.push_back(request);
    }
    return spec;
}

std::size_t rank(const std::vector<Offer>& offers, const JobSpec& spec) {
    return rank_offers(offers, spec, {}, hours(8), Instant{}, SimpleExpectedPrice{})
        .candidates.size();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        (void)std::fputs("usage: herder-offers-bench BODY\n", stderr);
        return 2;
    }
    std::ifstream file(argv[1], std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    const std::string body = text.str();

    const std::vector<Offer> offers = make_offers();
    const JobSpec one = job_for({"RTX_4090", "RTX_3090", "A100"}, 0);
    const JobSpec any = job_for({""}, 24'000);
    std::size_t chosen = 0;
    std::size_t chosen_of_any = 0;
    const Measured ranked = measure([&] { chosen = rank(offers, one); });
    const Measured ranked_any = measure([&] { chosen_of_any = rank(offers, any); });
    OfferQuery query;
    query.gpu_count = 0;
    std::size_t parsed = 0;
    const Measured parse = measure([&] {
        const auto page = vast::parse_offers(body, query, kNow);
        parsed = page ? page->offers.size() : 0;
    });
    std::printf(R"({"rank_ms":%.3f,"rank_best_ms":%.3f,"candidates":%zu,)", ranked.median_ms,
                ranked.best_ms, chosen);
    std::printf(R"("rank_any_ms":%.3f,"rank_any_best_ms":%.3f,"candidates_of_any":%zu,)",
                ranked_any.median_ms, ranked_any.best_ms, chosen_of_any);
    std::printf(R"("parse_ms":%.3f,"parse_best_ms":%.3f,"parsed":%zu,"bytes":%zu})"
                "\n",
                parse.median_ms, parse.best_ms, parsed, body.size());
    return 0;
}
