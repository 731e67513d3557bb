#include "adapters/http/server_reply.h"

#include <utility>

namespace herder::http {

void ReplyChannel::wake_locked() {
    if (waker_ == nullptr || woken_) return;
    woken_ = true;
    waker_->wake();
}

void ReplyChannel::respond(Response response) {
    std::function<void()> unused;  // destroyed after the lock: it may own anything
    const std::lock_guard lock(mutex_);
    if (answered_ || waker_ == nullptr) return;
    answered_ = true;
    ended_ = true;
    response_ = std::move(response);
    unused = std::exchange(callback_, nullptr);
    wake_locked();
}

bool ReplyChannel::start_stream(Response head) {
    std::function<void()> unused;  // as above
    const std::lock_guard lock(mutex_);
    if (answered_) return false;
    answered_ = true;
    streaming_ = true;
    response_ = std::move(head);
    unused = std::exchange(callback_, nullptr);
    wake_locked();
    return true;
}

WriteStatus ReplyChannel::write(std::string chunk) {
    const std::lock_guard lock(mutex_);
    if (!streaming_ || ended_ || waker_ == nullptr) return WriteStatus::kClosed;
    if (outbox_.size() > stream_buffer_) return WriteStatus::kFull;
    if (outbox_.empty()) {
        outbox_ = std::move(chunk);
    } else {
        outbox_ += chunk;
    }
    wake_locked();
    return WriteStatus::kAccepted;
}

void ReplyChannel::finish(bool broken) {
    const std::lock_guard lock(mutex_);
    if (!streaming_ || ended_) return;
    ended_ = true;
    broken_ = broken;
    wake_locked();
}

bool ReplyChannel::is_alive() const {
    const std::lock_guard lock(mutex_);
    return waker_ != nullptr && !answered_;
}

bool ReplyChannel::is_streaming() const {
    const std::lock_guard lock(mutex_);
    return waker_ != nullptr && streaming_ && !ended_;
}

void ReplyChannel::set_callback(std::function<void()> fn) {
    {
        const std::lock_guard lock(mutex_);
        std::swap(callback_, fn);
    }  // the previous one is destroyed outside the lock
}

ReplyChannel::Progress ReplyChannel::take() {
    const std::lock_guard lock(mutex_);
    Progress progress;
    progress.is_stream = streaming_;
    if (response_) {
        progress.response = std::exchange(response_, std::nullopt);
        return progress;  // the connection asks again once the head is written: no wake needed
    }
    progress.bytes = std::exchange(outbox_, {});
    progress.is_ended = ended_;
    progress.is_broken = broken_;
    woken_ = false;
    return progress;
}

void ReplyChannel::drained() {
    std::function<void()> fn;
    {
        const std::lock_guard lock(mutex_);
        fn = callback_;
    }
    if (fn) fn();
}

void ReplyChannel::detach(bool client_left) {
    std::function<void()> fn;
    {
        const std::lock_guard lock(mutex_);
        waker_ = nullptr;
        outbox_ = {};
        fn = std::exchange(callback_, nullptr);
    }
    if (client_left && fn) fn();
}

Stream& Stream::operator=(Stream&& other) noexcept {
    if (this != &other) {
        close();
        channel_ = std::move(other.channel_);
    }
    return *this;
}

WriteStatus Stream::write(std::string chunk) {
    return channel_ ? channel_->write(std::move(chunk)) : WriteStatus::kClosed;
}

void Stream::close() {
    if (channel_) channel_->finish(false);
}

void Stream::abort() {
    if (channel_) channel_->finish(true);
}

bool Stream::is_open() const {
    return channel_ && channel_->is_streaming();
}

void Stream::on_drain(std::function<void()> fn) {
    if (channel_) channel_->set_callback(std::move(fn));
}

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        drop();
        channel_ = std::move(other.channel_);
    }
    return *this;
}

void Responder::respond(Response response) {
    if (const auto channel = std::move(channel_)) channel->respond(std::move(response));
}

Stream Responder::stream(Response head) {
    auto channel = std::move(channel_);
    if (!channel || !channel->start_stream(std::move(head))) return {};
    return Stream(std::move(channel));
}

bool Responder::is_alive() const {
    return channel_ && channel_->is_alive();
}

void Responder::on_gone(std::function<void()> fn) {
    if (channel_) channel_->set_callback(std::move(fn));
}

void Responder::drop() {
    if (!channel_) return;
    respond(make_response(500, "text/plain", "the server gave no answer\n"));
}

}  // namespace herder::http
