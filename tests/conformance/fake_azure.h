#pragma once
// A storage account of Azure for tests, in memory: the requests that the client makes, with
// signatures that are checked from Microsoft's specification alone
// (learn.microsoft.com/rest/api/storageservices, November 2026). Shares no signing code with the
// client. Its big brother is Azurite (tests/azurite).
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/client.h"
#include "adapters/http/http_date.h"
#include "adapters/http/server.h"
#include "adapters/system/system_clock.h"
#include "base/digest.h"
#include "s3d/checksums.h"

namespace herder::az {

class FakeAzure {
  public:
    // `copies`: whether it can put blocks from a URL.
    FakeAzure(std::string account, bool copies) : account_(std::move(account)), copies_(copies) {
        containers_["box"];
        http::ServerOptions options;
        options.body_limit = 16 << 20;
        server_ =
            *http::Server::start(options, [this](http::Request request, http::Responder responder) {
                responder.respond(handle(request));
            });
    }
    std::string url() const { return server_->url(); }
    std::string key_text() const { return s3d::to_base64(key_); }
    // One request, after so many others, is done and answered with 500.
    void lose_answer(int after) {
        const std::lock_guard lock(mutex_);
        lost_ = after + 1;
    }
    std::size_t containers() const {
        const std::lock_guard lock(mutex_);
        return containers_.size();
    }

  private:
    struct Blob {
        std::string data;
        std::string etag;
        std::string made_by;
    };
    struct Container {
        std::string key;  // x-ms-meta-key
        std::map<std::string, Blob> blobs;
        std::map<std::string, std::map<std::string, std::string>> blocks;  // not committed
    };
    struct Call {
        const http::Request& request;
        std::string container;
        std::string blob;
        http::Query query;
        std::string of(const char* name) const { return query.get(name).value_or(""); }
        std::string header(const char* name) const {
            return std::string(request.headers.get(name).value_or(""));
        }
    };

    static http::Response refuse(int status, const std::string& code) {
        http::Response answer;
        answer.status = status;
        answer.headers.add("x-ms-error-code", code);
        answer.body = "\xEF\xBB\xBF<?xml version=\"1.0\"?><Error><Code>" + code + "</Code></Error>";
        return answer;
    }
    static http::Response done(int status, std::string body = "") {
        http::Response answer;
        answer.status = status;
        answer.body = std::move(body);
        return answer;
    }

    http::Response handle(const http::Request& request) {
        const std::lock_guard lock(mutex_);
        const std::string path = *http::percent_decode(request.path());
        const std::string mine = "/" + account_ + "/";
        if (!path.starts_with(mine)) return refuse(400, "InvalidUri");
        const std::string rest = path.substr(mine.size());
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        Call call{request, rest.substr(0, slash), slash < rest.size() ? rest.substr(slash + 1) : "",
                  *request.query()};
        if (!is_allowed(call)) return refuse(403, "AuthenticationFailed");
        http::Response answer = act(call);
        if (lost_ == 0 || --lost_ > 0) return answer;
        return refuse(500, "InternalError");
    }

    // ---- who may do it
    static std::string lines(const Call& call, std::initializer_list<const char*> names) {
        std::string text;
        for (const char* name : names)
            text += call.header(name) + "\n";
        return text;
    }
    std::string shared_key_text(const Call& call) const {
        const std::string length =
            call.request.body.empty() ? "" : std::to_string(call.request.body.size());
        std::string text = call.request.method + "\n" +
                           lines(call, {"content-encoding", "content-language"}) + length + "\n" +
                           lines(call, {"content-md5", "content-type"}) + "\n" +
                           lines(call, {"if-modified-since", "if-match", "if-none-match",
                                        "if-unmodified-since", "range"});
        std::map<std::string, std::string> headers;
        for (auto [name, value] : call.request.headers) {
            for (char& c : name)
                c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            if (name.starts_with("x-ms-")) headers[name] = value;
        }
        for (const auto& [name, value] : headers)
            text += name + ":" + value + "\n";
        text += "/" + account_ + std::string(call.request.path());
        std::map<std::string, std::string> parameters;
        for (const auto& [name, value] : call.query)
            parameters[name] = value;
        for (const auto& [name, value] : parameters)
            text += "\n" + name + ":" + value;
        return text;
    }
    bool is_signed(const std::string& container, const std::string& blob,
                   const std::string& permission, const http::Query& query) const {
        const auto of = [&](const char* name) { return query.get(name).value_or(""); };
        const std::string text = of("sp") + "\n" + of("st") + "\n" + of("se") + "\n/blob/" +
                                 account_ + "/" + container + "/" + blob + "\n" + of("si") + "\n" +
                                 of("sip") + "\n" + of("spr") + "\n" + of("sv") + "\n" + of("sr") +
                                 "\n\n" + of("ses") + "\n\n\n\n\n";
        const bool is_good = of("sig") == s3d::to_base64(hmac_sha256(key_, text));
        return is_good && of("sr") == "b" && of("sp").find(permission) != std::string::npos &&
               of("se") > to_rfc3339(SystemClock().wall());
    }
    bool is_allowed(const Call& call) const {
        const std::string authorization = call.header("authorization");
        if (!authorization.empty()) {
            return http::parse_http_date(call.header("x-ms-date")) &&
                   authorization == "SharedKey " + account_ + ":" +
                                        s3d::to_base64(hmac_sha256(key_, shared_key_text(call)));
        }
        const bool reads = call.request.method == "GET" || call.request.method == "HEAD";
        const bool writes = call.request.method == "PUT";
        return (reads || writes) &&
               is_signed(call.container, call.blob, reads ? "r" : "w", call.query);
    }

    // ---- what is done
    http::Response act(const Call& call) {
        if (call.container.empty()) return list_containers(call);
        const auto found = containers_.find(call.container);
        if (call.blob.empty()) return act_on_container(call);
        if (found == containers_.end()) return refuse(404, "ContainerNotFound");
        if (call.request.method != "PUT") return act_on_blob(call, found->second);
        if (call.of("comp") == "block") return put_block(call, found->second);
        if (call.of("comp") == "blocklist") return put_block_list(call, found->second);
        return put_blob(call, found->second);
    }
    http::Response act_on_container(const Call& call) {
        const bool is_there = containers_.contains(call.container);
        if (call.request.method == "PUT") {
            if (is_there) return refuse(409, "ContainerAlreadyExists");
            containers_[call.container].key = call.header("x-ms-meta-key");
            return done(201);
        }
        if (!is_there) return refuse(404, "ContainerNotFound");
        if (call.request.method == "DELETE") {
            containers_.erase(call.container);
            return done(202);
        }
        return list_blobs(call, containers_[call.container]);
    }
    static std::string page_of(const Call& call,
                               const std::vector<std::pair<std::string, std::string>>& all,
                               const std::string& element) {
        std::string body =
            "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><" +
            element + ">";
        std::size_t at = 0;
        while (at < all.size() && all[at].first <= call.of("marker"))
            ++at;
        const std::size_t end = std::min(all.size(), at + 3);  // short pages, so that they are met
        std::string last;
        for (; at < end; ++at) {
            body += all[at].second;
            last = all[at].first;
        }
        const std::string next = end < all.size() ? last : "";
        return body + "</" + element + ">" +
               (next.empty() ? "<NextMarker />" : "<NextMarker>" + next + "</NextMarker>") +
               "</EnumerationResults>";
    }
    http::Response list_containers(const Call& call) const {
        std::vector<std::pair<std::string, std::string>> all;
        for (const auto& [name, container] : containers_) {
            if (!name.starts_with(call.of("prefix"))) continue;
            all.emplace_back(name, "<Container><Name>" + name +
                                       "</Name><Properties><Last-Modified>" +
                                       http::to_http_date(kNow) +
                                       "</Last-Modified></Properties><Metadata><key>" +
                                       container.key + "</key></Metadata></Container>");
        }
        return done(200, page_of(call, all, "Containers"));
    }
    http::Response list_blobs(const Call& call, const Container& container) const {
        std::vector<std::pair<std::string, std::string>> all;
        for (const auto& [name, blob] : container.blobs) {
            if (!name.starts_with(call.of("prefix"))) continue;
            all.emplace_back(name, "<Blob><Name>" + name + "</Name><Properties><Last-Modified>" +
                                       http::to_http_date(kNow) + "</Last-Modified><Etag>" +
                                       blob.etag + "</Etag><Content-Length>" +
                                       std::to_string(blob.data.size()) +
                                       "</Content-Length></Properties></Blob>");
        }
        return done(200, page_of(call, all, "Blobs"));
    }
    http::Response act_on_blob(const Call& call, Container& container) {
        const auto found = container.blobs.find(call.blob);
        if (found == container.blobs.end()) return refuse(404, "BlobNotFound");
        if (call.request.method == "DELETE") {
            container.blobs.erase(found);
            return done(202);
        }
        const std::string wanted = call.header("if-match");
        if (!wanted.empty() && wanted != "\"" + found->second.etag + "\"")
            return refuse(412, "ConditionNotMet");
        http::Response answer = done(200, found->second.data);
        answer.headers.add("etag", "\"" + found->second.etag + "\"");
        if (call.header("range") == "bytes=1-2") {
            answer.status = 206;
            answer.body = answer.body.substr(1, 2);
        }
        if (!found->second.made_by.empty())
            answer.headers.add("x-ms-meta-herderupload", found->second.made_by);
        return answer;
    }
    http::Response put_blob(const Call& call, Container& container) {
        if (call.header("x-ms-blob-type") != "BlockBlob")
            return refuse(400, "MissingRequiredHeader");
        const std::string md5 = call.header("content-md5");
        const std::string& body = call.request.body;
        if (!md5.empty() && md5 != s3d::to_base64(s3d::digest_of(s3d::Algorithm::kMd5, body)))
            return refuse(400, "Md5Mismatch");
        if (call.header("if-none-match") == "*" && container.blobs.contains(call.blob))
            return refuse(409, "BlobAlreadyExists");
        container.blobs[call.blob] = {body, "0x" + std::to_string(++etags_), ""};
        container.blocks.erase(call.blob);
        return done(201);
    }
    http::Response put_block(const Call& call, Container& container) {
        std::string data = call.request.body;
        const std::string source = call.header("x-ms-copy-source");
        if (!source.empty()) {
            if (!copies_) return refuse(501, "NotImplemented");
            const auto url = http::parse_url(source);
            http::Request reading;
            reading.target = url->target;
            const std::string path = *http::percent_decode(reading.path());
            const std::string rest = path.substr(account_.size() + 2);
            const std::string from = rest.substr(0, rest.find('/'));
            const std::string blob = rest.substr(rest.find('/') + 1);
            if (!is_signed(from, blob, "r", *reading.query()))
                return refuse(403, "CannotVerifyCopySource");
            if (!containers_.contains(from) || !containers_[from].blobs.contains(blob))
                return refuse(404, "CannotVerifyCopySource");
            const Blob& held = containers_[from].blobs[blob];
            if (call.header("x-ms-source-if-match") != "\"" + held.etag + "\"")
                return refuse(412, "SourceConditionNotMet");
            data = held.data;
        }
        container.blocks[call.blob][call.of("blockid")] = std::move(data);
        return done(201);
    }
    http::Response put_block_list(const Call& call, Container& container) {
        auto& blocks = container.blocks[call.blob];
        const std::string& body = call.request.body;
        const std::string open = "<Uncommitted>";
        std::string data;
        for (std::size_t at = body.find(open); at != body.npos; at = body.find(open, at + 1)) {
            const std::size_t from = at + open.size();
            const auto block = blocks.find(body.substr(from, body.find('<', from) - from));
            if (block == blocks.end()) return refuse(400, "InvalidBlockList");
            data += block->second;
        }
        container.blobs[call.blob] = {data, "0x" + std::to_string(++etags_),
                                      call.header("x-ms-meta-herderupload")};
        container.blocks.erase(call.blob);
        return done(201);
    }

    static constexpr WallTime kNow{1'795'000'000'000'000};
    const std::string account_;
    const std::string key_ = std::string(32, 'k');
    const bool copies_;
    mutable std::mutex mutex_;  // guards all below
    std::map<std::string, Container> containers_;
    int etags_ = 0;
    int lost_ = 0;
    std::unique_ptr<http::Server> server_;
};

}  // namespace herder::az
