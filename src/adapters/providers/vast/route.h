#pragma once
// Every call of the market's API that we make, by route and method: the unit of its rate limits.
// Only names and documented intervals; when a call may leave is decided elsewhere.
#include <cstddef>

#include "base/time.h"

namespace herder::vast {

enum class Route : int {
    kSearch,
    kCreate,
    kShow,
    kList,
    kListOld,
    kManage,  // start, stop and label of one machine
    kManageMany,
    kDestroy,
    kDestroyMany,
    kChangeBid,
    kReboot,
    kRecycle,
    kRequestLogs,
    kExecute,
    kPrepay,
    kReadDeposit,
    kListMachineKeys,
    kAttachMachineKey,
    kDetachMachineKey,
    kAccount,
    kCharges,
    kInvoices,
    kListPriceIncreases,
    kAnswerPriceIncrease,
    kListMaintenances,
    kListVolumes,
    kListSshKeys,
    kAddSshKey,
    kRemoveSshKey,
    kListApiKeys,
    kCreateApiKey,
    kRemoveApiKey,
    kListSecrets,
    kListTemplates,
    kCreateTemplate,
    kRemoveTemplate,
    kListWebhooks,
    kCreateWebhook,
    kChangeWebhook,
    kListGpuTypes,
};
inline constexpr std::size_t kRouteCount = 40;

// "list", "destroy many": for logs and error texts.
const char* to_string(Route route);

// The least time between two calls of one identity; zero for searches, which are limited by number.
// The documentation's thresholds (snapshot of 2026-08-07) where it has any, a second or what the
// nearest neighbour has where it does not.
Duration interval_of(Route route);

}  // namespace herder::vast
