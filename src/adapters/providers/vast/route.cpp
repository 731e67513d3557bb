#include "adapters/providers/vast/route.h"

#include <array>

namespace herder::vast {

namespace {

struct Row {
    Route route;
    const char* name;
    std::int64_t interval_ms;
};

// Where the documentation names no threshold.
constexpr std::int64_t kAssumed = 1'000;

// In the order of the enumerators, so that a route is its own index.
constexpr std::array<Row, kRouteCount> kRows = {{
    {Route::kSearch, "search", 0},
    {Route::kCreate, "create", 4'500},
    {Route::kShow, "show", 2'000},
    {Route::kList, "list", 1'000},
    {Route::kListOld, "old list", kAssumed},
    {Route::kManage, "manage", 1'000},
    {Route::kManageMany, "manage many", kAssumed},
    {Route::kDestroy, "destroy", 3'000},
    {Route::kDestroyMany, "destroy many", kAssumed * 3},
    {Route::kChangeBid, "change bid", 5'500},
    {Route::kReboot, "reboot", 1'000},
    {Route::kRecycle, "recycle", 1'000},
    {Route::kRequestLogs, "request logs", kAssumed * 3},
    {Route::kExecute, "execute", 1'500},
    {Route::kPrepay, "prepay", 2'000},
    {Route::kReadDeposit, "read deposit", 3'000},
    {Route::kListMachineKeys, "list a machine's ssh keys", kAssumed},
    {Route::kAttachMachineKey, "attach an ssh key", kAssumed},
    {Route::kDetachMachineKey, "detach an ssh key", 2'000},
    {Route::kAccount, "account", kAssumed},
    {Route::kCharges, "charges", 1'000},
    {Route::kInvoices, "invoices", 3'000},
    {Route::kListPriceIncreases, "list price increases", kAssumed},
    {Route::kAnswerPriceIncrease, "answer a price increase", kAssumed},
    {Route::kListMaintenances, "list maintenances", kAssumed},
    {Route::kListVolumes, "list volumes", 5'500},
    {Route::kListSshKeys, "list ssh keys", kAssumed},
    {Route::kAddSshKey, "add an ssh key", 1'000},
    {Route::kRemoveSshKey, "remove an ssh key", kAssumed},
    {Route::kListApiKeys, "list account keys", 1'000},
    {Route::kCreateApiKey, "create an account key", 2'000},
    {Route::kRemoveApiKey, "remove an account key", 2'000},
    {Route::kListSecrets, "list secrets", 5'000},
    {Route::kListTemplates, "list templates", 3'000},
    {Route::kCreateTemplate, "create a template", 3'000},
    {Route::kRemoveTemplate, "remove a template", 3'000},
    {Route::kListWebhooks, "list webhooks", kAssumed},
    {Route::kCreateWebhook, "create a webhook", kAssumed},
    {Route::kChangeWebhook, "change a webhook", kAssumed},
    {Route::kListGpuTypes, "list GPU types", kAssumed},
}};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (static_cast<std::size_t>(kRows[i].route) != i) return false;
    }
    return true;
}
static_assert(is_in_order());

}  // namespace

const char* to_string(Route route) {
    return kRows[static_cast<std::size_t>(route)].name;
}

Duration interval_of(Route route) {
    return milliseconds(kRows[static_cast<std::size_t>(route)].interval_ms);
}

}  // namespace herder::vast
