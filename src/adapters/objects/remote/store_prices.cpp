#include "adapters/objects/remote/store_prices.h"

namespace herder::remote {

// Sources: AWS and Google, us-east-1 and us-central1 as quoted in 2025; Cloudflare's documentation
// of R2 prices, 2026; Backblaze as quoted in April 2026; Azure's hot tier, kept in one place (LRS),
// East US, as a third party quoted it in May 2026, and its traffic to the internet as third parties
// quote it (c3x.dev, read November 2026): its own pages show prices to browsers alone. First tiers;
// none was billed to us.
std::optional<KnownPrices> prices_of(const std::string& provider) {
    if (provider == "aws") {
        return KnownPrices{{Usd{23'000}, Usd{5'000'000}, Usd{400'000}, Usd{90'000}, {}},
                           "us-east-1; the first 100 GB out of AWS each month are free"};
    }
    if (provider == "gcs") {
        return KnownPrices{{Usd{20'000}, Usd{5'000'000}, Usd{400'000}, Usd{120'000}, {}},
                           "us-central1"};
    }
    if (provider == "azure") {
        return KnownPrices{{Usd{18'000}, Usd{5'000'000}, Usd{400'000}, Usd{87'000}, {}},
                           "East US, hot, LRS; the first 100 GB out of Azure each month are free"};
    }
    if (provider == "r2") {
        return KnownPrices{{Usd{15'000}, Usd{4'500'000}, Usd{360'000}, Usd{0}, {}},
                           "the first 10 GB and a million writes are free"};
    }
    if (provider == "b2") {
        return KnownPrices{{Usd{6'000}, Usd{0}, Usd{400'000}, Usd{10'000}, {}},
                           "out is free up to three times what is stored; lists cost extra"};
    }
    return std::nullopt;
}

}  // namespace herder::remote
