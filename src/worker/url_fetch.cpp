#include "worker/url_fetch.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/bytes.h"
#include "base/digest.h"
#include "worker/tree_fetch.h"
#include "worker/tree_files.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr int kRedirectsMax = 5;
constexpr Duration kTimeout = hours(12);
constexpr Duration kSilence = seconds(60);
constexpr std::int64_t kWorthTelling = 50'000'000;

// A query may hold a signature or a key.
std::string nameable(const std::string& url) {
    return url.substr(0, url.find('?'));
}

Error refused(const http::Response& response) {
    const int status = response.status;
    const ErrorCode code = status == 429                    ? ErrorCode::kRateLimited
                           : status >= 500 || status == 408 ? ErrorCode::kUnavailable
                                                            : ErrorCode::kNotFound;
    std::string text =
        "the server answered " + std::to_string(status) + " " + http::reason_phrase(status);
    if (status == 401 || status == 403) text += "; it wants a login, which a URL cannot give";
    return {code, text};
}

// What comes, on its way into a file.
class Arrival {
  public:
    explicit Arrival(const UrlWish& wish)
        : wish_(wish),
          fd_(::open(part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)) {
    }
    ~Arrival() {
        if (fd_ >= 0) ::close(fd_);
        std::error_code ignored;
        fs::remove(part(), ignored);
    }
    Arrival(const Arrival&) = delete;
    Arrival& operator=(const Arrival&) = delete;

    Status begin(const http::Response& head) {
        if (fd_ < 0) return file_error("writing " + part());
        if (!head.is_success()) return ok();
        const std::string text(head.headers.get("Content-Length").value_or(""));
        std::from_chars(text.data(), text.data() + text.size(), total_);
        return check_disk(wish_.path, total_, wish_.name);
    }
    Status take(std::string_view piece) {
        digest_.update(piece);
        const std::int64_t before = size_;
        size_ += static_cast<std::int64_t>(piece.size());
        if (!write_all(fd_, piece)) return file_error("writing " + part());
        const bool tells = total_ >= kWorthTelling && size_ * 10 / total_ != before * 10 / total_;
        if (tells && wish_.say)
            wish_.say(wish_.name + ": " + to_text(Bytes{size_}) + " of " + to_text(Bytes{total_}));
        return ok();
    }
    Status end() {
        const std::string found = digest_.finish_hex();
        if (!wish_.sha256.empty() && found != wish_.sha256) {
            return invalid("what came has the SHA-256 " + found + ", not " + wish_.sha256 +
                           " as the job file says; correct one of them");
        }
        std::error_code failed;
        fs::rename(part(), wish_.path, failed);
        if (failed) return unavailable("writing " + wish_.path + ": " + failed.message());
        return ok();
    }
    std::int64_t size() const { return size_; }

  private:
    std::string part() const { return wish_.path + ".part"; }

    const UrlWish& wish_;
    int fd_;
    Sha256Stream digest_;
    std::int64_t size_ = 0;
    std::int64_t total_ = 0;
};

// The next URL of a redirect, or nothing when it is all there.
Result<std::optional<std::string>> fetch_once(const UrlWish& wish, const http::Url& url,
                                              bool is_first) {
    http::ClientOptions trust;
    trust.user_agent = "herder-agent";
    if (is_first) trust.trust.pinned_spki_sha256 = wish.pin;
    const auto client = http::Client::open(url, trust);
    if (!client) return client.error();
    Arrival arrival(wish);
    http::CallOptions options;
    options.timeout = kTimeout;
    options.idle_timeout = kSilence;
    options.cancel = wish.cancel;
    options.on_head = [&](const http::Response& head) { return arrival.begin(head); };
    options.on_chunk = [&](std::string_view piece) { return arrival.take(piece); };
    http::Request get;
    get.target = url.target;
    const auto response = (*client)->call(get, options).to_result();
    if (!response) return response.error();
    const auto location = response->headers.get("Location");
    if (response->status >= 301 && response->status <= 308 && location)
        return std::optional(std::string(*location));
    if (!response->is_success()) return refused(*response);
    const Status ended = arrival.end();
    if (!ended) return ended.error();
    if (wish.say) wish.say(wish.name + ": fetched " + to_text(Bytes{arrival.size()}));
    return std::optional<std::string>();
}

bool is_safe(const http::Url& url, const UrlWish& wish) {
    return url.is_https() || !wish.sha256.empty();
}

// Relative redirects are as RFC 3986 says for those that begin with '/'; others do not occur.
std::string resolved(const std::string& location, const http::Url& from) {
    return location.starts_with('/') ? from.origin() + location : location;
}

}  // namespace

Status fetch_url(const UrlWish& wish) {
    std::string next = wish.url;
    for (int hop = 0; hop <= kRedirectsMax; ++hop) {
        const auto url = http::parse_url(next);
        if (!url) return url.error().with_context(wish.name);
        if (!is_safe(*url, wish)) {
            return invalid(wish.name + ": " + nameable(next) +
                           " is not encrypted; give its sha256, or an https address");
        }
        const auto more = fetch_once(wish, *url, hop == 0);
        if (!more) return more.error().with_context(wish.name + ": fetching " + nameable(next));
        if (!*more) return ok();
        next = resolved(**more, *url);
    }
    return invalid(wish.name + ": " + nameable(wish.url) + " is redirected more than " +
                   std::to_string(kRedirectsMax) + " times");
}

Result<std::string> hash_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return not_found("there is no file " + path);
    Sha256Stream digest;
    std::string block(1 << 20, '\0');
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0)
        digest.update(std::string_view(block).substr(0, static_cast<std::size_t>(file.gcount())));
    return digest.finish_hex();
}

}  // namespace herder
