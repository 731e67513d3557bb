#include "engine/fake_store.h"

#include "tests/conformance/store_conformance.h"

namespace herder {

struct FakePlace {
    FakeStore::Content content;
    std::unique_ptr<Store> open() { return std::make_unique<FakeStore>(content); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, StoreConformance, FakePlace);

}  // namespace herder
