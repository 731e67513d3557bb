#include "adapters/http/cancellable_wait.h"

#include "adapters/http/wait.h"

namespace herder::http {

void wait_unless_cancelled(Duration longest, const CancelToken& cancel) {
    (void)wait_for(-1, 0, Wait::from_now(longest, &cancel));
}

}  // namespace herder::http
