#include "worker/url_fetch.h"

#include <gtest/gtest.h>

#include <fstream>

#include "adapters/http/certificate.h"
#include "base/digest.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

// A website: what to answer for each path.
class Site {
  public:
    explicit Site(bool is_tls) {
        http::ServerOptions options;
        if (is_tls) {
            const auto certificate = http::make_self_signed_certificate();
            EXPECT_TRUE(certificate);
            pin = *http::spki_pin(certificate->certificate_pem);
            options.tls = *certificate;
        }
        auto started = http::Server::start(
            std::move(options), [this](http::Request request, http::Responder to) {
                const auto found = pages.find(std::string(request.path()));
                to.respond(found == pages.end() ? http::make_response(404, "text/plain", "no")
                                                : found->second);
            });
        EXPECT_TRUE(started);
        server_ = std::move(*started);
    }
    ~Site() { server_->stop(); }
    std::string url(const std::string& path) const { return server_->url() + path; }
    void redirect(const std::string& path, const std::string& to) {
        http::Response moved = http::make_response(302, "text/plain", "");
        moved.headers.set("Location", to);
        pages[path] = std::move(moved);
    }
    void page(const std::string& path, const std::string& text, int status = 200) {
        pages[path] = http::make_response(status, "application/octet-stream", text);
    }
    std::map<std::string, http::Response> pages;  // before the first request
    std::string pin;

  private:
    std::unique_ptr<http::Server> server_;
};

class UrlFetchTest : public ::testing::Test {
  protected:
    Status fetch(const Site& site, const std::string& path, const std::string& sha256 = "") {
        return fetch_url({.url = site.url(path),
                          .path = target_,
                          .sha256 = sha256,
                          .name = "/data",
                          .cancel = &cancel_,
                          .pin = site.pin});
    }
    std::string read() const {
        std::ifstream in(target_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    TemporaryFolder folder_;
    std::string target_ = folder_.path() + "/file";
    http::CancelToken cancel_;
};

TEST_F(UrlFetchTest, TakesWhatComesOverTls) {
    Site site(true);
    site.page("/w.bin", "weights");
    site.redirect("/latest", "/w.bin");
    ASSERT_TRUE(fetch(site, "/w.bin"));
    EXPECT_EQ(read(), "weights");
    EXPECT_FALSE(fs::exists(target_ + ".part"));
    EXPECT_EQ(hash_of_file(target_).value_or(""), sha256_hex("weights"));
}

TEST_F(UrlFetchTest, WithoutTlsOnlyWhatHasAHash) {
    Site site(false);
    site.page("/w.bin", "weights");
    const Status refused = fetch(site, "/w.bin");
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
    EXPECT_NE(refused.error().message.find("not encrypted"), std::string::npos);
    EXPECT_TRUE(fetch(site, "/w.bin", sha256_hex("weights")));
    EXPECT_EQ(read(), "weights");
}

TEST_F(UrlFetchTest, AWrongHashReplacesNothing) {
    Site site(false);
    site.page("/w.bin", "weights");
    std::ofstream(target_) << "before";
    const Status wrong = fetch(site, "/w.bin", sha256_hex("other"));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kInvalid);
    EXPECT_NE(wrong.error().message.find(sha256_hex("weights")), std::string::npos);
    EXPECT_EQ(read(), "before");
    EXPECT_FALSE(fs::exists(target_ + ".part"));
}

TEST_F(UrlFetchTest, RefusalsAreToldApart) {
    Site site(false);
    site.page("/busy", "", 503);
    site.page("/private", "", 403);
    const std::string hash = sha256_hex("x");
    const Status none = fetch(site, "/none?key=secret", hash);
    EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
    EXPECT_NE(none.error().message.find("/none: the server answered 404 Not Found"),
              std::string::npos)
        << none.error().message;
    EXPECT_EQ(none.error().message.find("secret"), std::string::npos);
    EXPECT_EQ(fetch(site, "/busy", hash).error().code, ErrorCode::kUnavailable);
    EXPECT_NE(fetch(site, "/private", hash).error().message.find("wants a login"),
              std::string::npos);
}

TEST_F(UrlFetchTest, RedirectsAreFollowedButNotForEverAndNotIntoTheOpen) {
    Site site(false);
    site.page("/w.bin", "weights");
    site.redirect("/a", "/b");
    site.redirect("/b", site.url("/w.bin"));
    site.redirect("/loop", "/loop");
    EXPECT_TRUE(fetch(site, "/a", sha256_hex("weights")));
    EXPECT_NE(fetch(site, "/loop", sha256_hex("x")).error().message.find("more than 5 times"),
              std::string::npos);
    Site safe(true);
    safe.redirect("/w.bin", site.url("/w.bin"));
    EXPECT_EQ(fetch(safe, "/w.bin").error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace herder
