#include "vastsim/route.h"

#include <gtest/gtest.h>

#include <set>

namespace herder::vastsim {
namespace {

TEST(Route, EveryRouteIsAtOneHandlerOnly) {
    std::set<std::string> names;
    for (const auto& family :
         {search_routes(), create_routes(), instance_routes(), manage_routes(), lifecycle_routes(),
          price_routes(), log_routes(), account_routes(), bill_routes(), ssh_routes(),
          secret_routes(), key_routes(), template_routes(), webhook_routes(), volume_routes(),
          machine_routes()}) {
        for (const Route& route : family) {
            EXPECT_TRUE(names.insert(name_of(route)).second) << name_of(route);
            EXPECT_TRUE(route.pattern.ends_with('/')) << route.pattern;
        }
    }
    EXPECT_GT(names.size(), 80U);
}

TEST(Route, SharedBodiesReadAsTheServiceWritesThem) {
    EXPECT_EQ(done().body, R"({"success":true})");
    EXPECT_EQ(no_such_instance(5).body,
              R"({"success":false,"error":"no_such_instance","msg":"Instance 5 not found."})");
    EXPECT_EQ(gateway_error().content_type, "text/html");
}

}  // namespace
}  // namespace herder::vastsim
