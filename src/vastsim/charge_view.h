#pragma once
// A day of charges of one contract as the charges endpoint shows it: amounts rounded to three
// decimals (vast-api 2.18).
#include "vastsim/market.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

struct BilledDay {
    Usd gpu;
    Usd disk;
    Usd download;
    Usd upload;
    Usd total() const { return gpu + disk + download + upload; }
};
// What the endpoint shows for this day: each item rounded by itself to a tenth of a cent.
BilledDay billed(const DayCharges& charges);

Json charge_json(const ChargeRow& row);

}  // namespace herder::vastsim
