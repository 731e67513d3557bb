#include "vastsim/webhook_sender.h"

#include "adapters/http/client.h"

namespace herder::vastsim {

namespace {

constexpr Duration kTimeout = seconds(10);  // vast-api 2.21

int post(const WebhookDelivery& delivery) {
    // "https://host:port/path?query": the origin and the rest.
    const std::size_t scheme = delivery.url.find("://");
    const std::size_t slash =
        scheme == std::string::npos ? std::string::npos : delivery.url.find('/', scheme + 3);
    auto client = http::Client::open(delivery.url.substr(0, slash));
    if (!client) return 0;
    http::Request request;
    request.method = "POST";
    request.target = slash == std::string::npos ? "/" : delivery.url.substr(slash);
    request.body = delivery.body;
    for (const auto& [name, value] : delivery.headers)
        request.headers.set(name, value);
    http::CallOptions options;
    options.timeout = kTimeout;
    const http::CallResult reply = (*client)->call(request, options);
    return reply ? reply->status : 0;
}

}  // namespace

WebhookSender::WebhookSender() : worker_([this] { work(); }) {}

WebhookSender::~WebhookSender() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    worker_.join();
}

void WebhookSender::send(std::vector<WebhookDelivery> deliveries) {
    if (deliveries.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        for (WebhookDelivery& one : deliveries)
            waiting_.push_back(std::move(one));
    }
    wake_.notify_one();
}

std::vector<std::pair<std::uint64_t, int>> WebhookSender::take_results() {
    const std::lock_guard lock(mutex_);
    return std::exchange(results_, {});
}

void WebhookSender::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        const WebhookDelivery next = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        const int status = post(next);
        lock.lock();
        results_.emplace_back(next.number, status);
    }
}

}  // namespace herder::vastsim
