#include "plan_store.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "adapters/http/server.h"

namespace herder::bench {

namespace {

constexpr int kPage = 1000;  // of S3's list of parts

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "plan store: %s failed\n", what);
    std::exit(1);
}

struct Bucket {
    Bytes part_size;
    std::atomic<int> held{0};
    std::atomic<bool> is_open{false};
    std::string key;  // of the upload; written before is_open

    std::string parts_after(int marker) const {
        const int end = std::min(marker + kPage, held.load());
        std::string xml = "<ListPartsResult><NextPartNumberMarker>" + std::to_string(end) +
                          "</NextPartNumberMarker><IsTruncated>" + (end < held ? "true" : "false") +
                          "</IsTruncated>";
        for (int number = marker + 1; number <= end; ++number) {
            xml += "<Part><PartNumber>" + std::to_string(number) +
                   "</PartNumber><LastModified>2026-11-28T10:00:00.000Z</LastModified>"
                   "<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>" +
                   std::to_string(part_size.count) + "</Size></Part>";
        }
        return xml + "</ListPartsResult>";
    }
    std::string answer(const http::Request& request) {
        const auto query = *request.query();
        if (request.method == "POST" && query.has("uploads")) {
            const std::string path(request.path());
            key = path.substr(path.find('/', 1) + 1);
            is_open = true;
            return "<InitiateMultipartUploadResult><UploadId>VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3"
                   "ZpZS5tMnRzIHVwbG9hZA</UploadId></InitiateMultipartUploadResult>";
        }
        if (request.method == "POST") return "<CompleteMultipartUploadResult/>";
        if (query.has("uploads")) {
            if (!is_open) return "<ListMultipartUploadsResult/>";
            return "<ListMultipartUploadsResult><Upload><Key>" + key +
                   "</Key><UploadId>VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA"
                   "</UploadId><Initiated>2026-11-28T10:00:00.000Z</Initiated></Upload>"
                   "</ListMultipartUploadsResult>";
        }
        return parts_after(std::atoi(query.get("part-number-marker").value_or("0").c_str()));
    }
};

// Until the pipe ends.
void serve(Bytes part_size, int orders, int told) {
    Bucket bucket;
    bucket.part_size = part_size;
    auto server = http::Server::start({}, [&](http::Request request, http::Responder to) {
        to.respond(http::make_response(200, "application/xml", bucket.answer(request)));
    });
    if (!server) fail("serving");
    const std::string url = (*server)->url() + "\n";
    if (::write(told, url.data(), url.size()) < 0) fail("telling the address");
    for (int count = 0; ::read(orders, &count, sizeof count) == sizeof count;) {
        bucket.held = count;
        if (::write(told, "\n", 1) < 0) break;
    }
    (*server)->stop();
}

}  // namespace

PlanStore::PlanStore(Bytes part_size) {
    int orders[2];
    int told[2];
    if (::pipe(orders) != 0 || ::pipe(told) != 0) fail("pipe");
    process_ = ::fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) {
        ::close(orders[1]);
        serve(part_size, orders[0], told[1]);
        std::_Exit(0);
    }
    ::close(orders[0]);
    ::close(told[1]);
    orders_ = orders[1];
    answers_ = told[0];
    for (char c = 0; ::read(answers_, &c, 1) == 1 && c != '\n';)
        url_ += c;
}

PlanStore::~PlanStore() {
    ::close(orders_);
    ::close(answers_);
    ::waitpid(process_, nullptr, 0);
}

void PlanStore::hold(int count) const {
    char heard = 0;
    if (::write(orders_, &count, sizeof count) < 0 || ::read(answers_, &heard, 1) != 1)
        fail("speaking to it");
}

}  // namespace herder::bench
