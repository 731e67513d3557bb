#include "vastsim/catalog.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace herder::vastsim {

namespace {

struct ModelShare {
    const char* name;
    std::int64_t ram_mb;
    std::int64_t compute_cap;
    double tflops;
    double dlperf;
    std::int64_t power_watts;
    double mem_bandwidth;
    std::int64_t on_demand_micros;  // one GPU, hour
    unsigned weight;
    std::int64_t typical_gpus;
};

// On-demand prices: vast-api Appendix B (July-September 2026) for RTX 3090, RTX 4090, RTX 5090,
// H200 and B200; the others are set between them. Names as in Appendix A.
constexpr std::array kModels = {
    ModelShare{"RTX 4090", 24564, 890, 82.4, 101.3, 450, 888.8, 330'000, 30, 4},
    ModelShare{"RTX 3090", 24576, 860, 35.6, 48.0, 350, 820.0, 180'000, 14, 4},
    ModelShare{"RTX 5090", 32607, 1200, 104.8, 150.2, 575, 1500.0, 640'000, 8, 2},
    ModelShare{"A100 SXM4", 81920, 800, 19.5, 80.1, 400, 1555.0, 1'150'000, 10, 8},
    ModelShare{"A100 PCIE", 81920, 800, 19.5, 74.0, 300, 1450.0, 950'000, 6, 4},
    ModelShare{"H100 SXM", 81559, 900, 53.5, 190.4, 700, 2600.0, 2'250'000, 10, 8},
    ModelShare{"H200", 143771, 900, 53.6, 210.0, 700, 3900.0, 4'010'000, 5, 8},
    ModelShare{"B200", 183359, 1000, 75.0, 330.0, 1000, 6500.0, 7'800'000, 2, 8},
    ModelShare{"L40S", 46068, 890, 91.6, 90.0, 350, 780.0, 560'000, 5, 4},
    ModelShare{"RTX A6000", 49140, 860, 38.7, 52.0, 300, 690.0, 450'000, 5, 4},
};

constexpr std::array kPlaces = {"California, US", "Texas, US",  "Quebec, CA", "Norway, NO",
                                "Germany, DE",    "Poland, PL", "Japan, JP",  ", US"};
constexpr std::array kProcessors = {"EPYC 7413", "EPYC 7763", "Xeon Gold 6338", "EPYC 9354"};

const ModelShare& draw_model(RandomStream& random, std::size_t index) {
    // The first machines are one of each kind, so that a small market offers every card.
    if (index < kModels.size()) return kModels[index];
    unsigned total = 0;
    for (const ModelShare& m : kModels)
        total += m.weight;
    std::uint64_t draw = random.below(total);
    for (const ModelShare& m : kModels) {
        if (draw < m.weight) return m;
        draw -= m.weight;
    }
    return kModels[0];
}

std::int64_t scaled(std::int64_t value, std::int64_t per_mille) {
    return value * per_mille / 1000;
}

void draw_prices(Machine& machine, const ModelShare& model, RandomStream& random) {
    const std::int64_t on_demand = scaled(model.on_demand_micros, random.between(820, 1220));
    // Bid floor to on-demand: 0.4-0.5 (Appendix B); prices with four decimals as hosts set them.
    const std::int64_t floor = scaled(on_demand, random.between(390, 500));
    machine.on_demand_per_gpu = {on_demand / 100 * 100};
    machine.floor_per_gpu = {std::max<std::int64_t>(floor / 100 * 100, 1'000)};
    machine.storage_micros_per_gb_month = random.between(10, 25) * 10'000;
}

void draw_hardware(Machine& machine, const ModelShare& model, RandomStream& random) {
    const std::int64_t gpus = random.below(3) == 0
                                  ? std::max<std::int64_t>(model.typical_gpus / 2, 1)
                                  : model.typical_gpus;
    for (std::int64_t i = 0; i < gpus; ++i)
        machine.gpu_ids.push_back(machine.id * 10 + i);
    machine.cpu_cores = 12 * gpus;
    machine.cpu_ram_mb = 64'000 * gpus;
    machine.cpu_name = kProcessors[random.below(kProcessors.size())];
    machine.disk_total_gb = 400 * gpus + random.between(0, 400);
    machine.inet_up = static_cast<double>(random.between(3000, 40000)) / 10.0;
    machine.inet_down = static_cast<double>(random.between(4000, 60000)) / 10.0;
}

// Drawn apart, so that the switches leave the offers as they are.
void draw_terms(Machine& machine, const Scenario& scenario, RandomStream& random) {
    machine.lies = random.chance_per_million(scenario.lying_hosts_per_million);
    const bool costs = random.below(10) >= 3;  // free traffic is common (vast-api 3.3)
    const std::int64_t down = random.between(500, 20'000);
    const std::int64_t up = random.between(500, 40'000);
    if (!scenario.bandwidth_costs || !costs) return;
    machine.down_micros_per_gb = down;
    machine.up_micros_per_gb = up;
}

}  // namespace

std::vector<Machine> make_machines(const Scenario& scenario, RandomStream random, WallTime now) {
    std::vector<Machine> machines;
    RandomStream terms = random.child("terms");
    for (std::size_t i = 0; i < scenario.machines; ++i) {
        const ModelShare& model = draw_model(random, i);
        Machine machine;
        machine.id = 49'600 + static_cast<std::int64_t>(i);
        machine.host_id = 55'000 + random.between(0, static_cast<std::int64_t>(i / 2));
        machine.gpu = {.name = model.name,
                       .ram_mb = model.ram_mb,
                       .compute_cap = model.compute_cap,
                       .tflops = model.tflops,
                       .dlperf = model.dlperf,
                       .power_watts = model.power_watts,
                       .mem_bandwidth = model.mem_bandwidth,
                       .on_demand = {model.on_demand_micros}};
        draw_hardware(machine, model, random);
        draw_prices(machine, model, random);
        machine.reliability = static_cast<double>(random.between(9000, 9990)) / 10000.0;
        if (i < kModels.size() || random.below(2) == 0) {
            machine.reliability = static_cast<double>(random.between(9920, 9990)) / 10000.0;
        }
        machine.verified = i < kModels.size() || random.below(100) < 85;
        machine.datacenter = random.below(100) < 35;
        machine.geolocation = kPlaces[random.below(kPlaces.size())];
        machine.public_ip = "203.0.113." + std::to_string(1 + i % 250);
        machine.end_date = now + days(random.between(30, 360));
        draw_terms(machine, scenario, terms);
        machines.push_back(std::move(machine));
    }
    return machines;
}

std::vector<Ask> make_asks(const Machine& machine, ContractNumber& next_number) {
    std::vector<Ask> asks;
    const std::size_t all = machine.gpu_ids.size();
    std::vector<std::size_t> sizes;
    for (auto n = static_cast<std::size_t>(machine.min_gpus); n < all; n *= 2)
        sizes.push_back(n);
    sizes.push_back(all);
    for (const std::size_t size : sizes) {
        for (std::size_t first = 0; first + size <= all; first += size) {
            asks.push_back({.id = next_number++,
                            .machine_id = machine.id,
                            .first_gpu = first,
                            .gpu_count = size});
        }
    }
    return asks;
}

}  // namespace herder::vastsim
