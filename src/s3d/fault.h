#pragma once
// The fault script: what goes wrong, on which operation, how often. One rule a line:
//
//   KIND[=NUMBER] [on=OPERATION] [key=TEXT]... [every=N] [after=N] [times=N]
//
//   status=503       answers that status without acting
//   reset_at=K       breaks the connection (RST) when K bytes of the larger body have passed
//   stall_at=K       says nothing more after K bytes, until the client gives up
//   complete_error   Complete answers 200 with an error document, without acting
//   lose_reply       acts, then breaks the connection instead of answering
//   stall_reply      acts, then says nothing until the client gives up
//   flip_at=K        flips a bit of the K-th byte of a body that is sent
//   short_at=K       ends a body that is sent after K bytes, as if that were all
//   expired          a presigned request is answered as expired
//
// `on` is S3's name of the operation (GetObject, UploadPart, ...); without it, any. `key` is in the
// object's key; given more than once, each of them is. The rule fires on each N-th match (`every`),
// not on the first N (`after`), at most N times (`times`).
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace herder::s3d {

enum class FaultKind {
    kStatus,
    kReset,
    kStall,
    kCompleteError,
    kLoseReply,
    kStallReply,
    kFlip,
    kShort,
    kExpired
};

struct FaultRule {
    FaultKind kind = FaultKind::kStatus;
    std::uint64_t number = 0;
    std::string operation;
    std::vector<std::string> keys;
    int every = 1;
    int after = 0;
    int times = -1;  // no limit
};

Result<FaultRule> parse_fault(const std::string& text);
std::string to_string(FaultKind kind);  // its word in a rule

class FaultScript {
  public:
    void set(std::vector<FaultRule> rules);
    // The first rule that fires for this request.
    std::optional<FaultRule> draw(const std::string& operation, const std::string& key);

  private:
    struct Counted {
        FaultRule rule;
        int matched = 0;
        int fired = 0;
    };
    std::mutex mutex_;
    std::vector<Counted> rules_;  // guarded by mutex_
};

}  // namespace herder::s3d
