#include "server/outgoing_client.hpp"

#include "server/version.hpp"

#include <string>
#include <utility>

namespace latchkey::server {
namespace {

api::OutgoingFailure to_failure(net::ClientFailure const& failure) {
    if (failure.error == net::ClientError::TimedOut) {
        return api::OutgoingFailure::TimedOut;
    }
    return failure.sent ? api::OutgoingFailure::Broken : api::OutgoingFailure::NotConnected;
}

std::expected<api::OutgoingResponse, api::OutgoingFailure> to_outcome(
    std::expected<net::ClientResponse, net::ClientFailure> outcome) {
    if (!outcome) {
        return std::unexpected(to_failure(outcome.error()));
    }
    return api::OutgoingResponse{.status = outcome->status,
                                 .cache_control = std::string(outcome->field("Cache-Control")),
                                 .body = std::move(outcome->body)};
}

net::ClientRequest to_request(api::OutgoingRequest&& request) {
    net::ClientRequest out{.method = std::move(request.method),
                           .target = request.url.target(),
                           .body = std::move(request.body),
                           .repeatable = request.repeatable};
    out.fields.push_back({.name = "User-Agent", .value = "latchkey/" + std::string(kVersion)});
    for (auto& [name, value] : request.fields) {
        out.fields.push_back({.name = std::move(name), .value = std::move(value)});
    }
    return out;
}

}  // namespace

OutgoingClient::~OutgoingClient() { stop(); }

void OutgoingClient::send(api::OutgoingRequest request, std::chrono::milliseconds timeout,
                          Done done) {
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    loop_.post([this, request = std::move(request), deadline, done = std::move(done)]() mutable {
        send_now(std::move(request), deadline, std::move(done));
    });
}

void OutgoingClient::after(std::chrono::milliseconds pause, std::move_only_function<void()> task) {
    auto const at = std::chrono::steady_clock::now() + pause;
    loop_.post([this, at, task = std::move(task)]() mutable {
        auto const place = waits_.emplace(waits_.end());
        *place = loop_.wait_until(at, [this, place, task = std::move(task)]() mutable {
            // The wait cannot go while its own task runs.
            loop_.post([this, place] { waits_.erase(place); });
            task();
        });
    });
}

void OutgoingClient::send_now(api::OutgoingRequest request,
                              std::chrono::steady_clock::time_point deadline, Done done) {
    auto* pool = pool_for(request);
    if (pool == nullptr) {
        done(std::unexpected(api::OutgoingFailure::NotConnected));
        return;
    }
    pool->send(
        to_request(std::move(request)), deadline,
        [done = std::move(done)](auto outcome) mutable { done(to_outcome(std::move(outcome))); });
}

net::HttpPool* OutgoingClient::pool_for(api::OutgoingRequest const& request) {
    Origin origin{request.url.tls, request.url.host, request.url.port, request.ca_file};
    if (auto const found = pools_.find(origin); found != pools_.end()) {
        return found->second.get();
    }
    if (pools_.size() >= api::kOutgoingOriginsMax) {
        return nullptr;
    }
    auto dialer = net::make_dialer(loop_, {.host = request.url.host,
                                           .port = request.url.port,
                                           .tls = request.url.tls,
                                           .ca_file = request.url.tls ? request.ca_file : ""});
    if (!dialer) {
        return nullptr;
    }
    auto pool = std::make_unique<net::HttpPool>(
        loop_, *std::move(dialer),
        net::ClientLimits{.connections_max = api::kOutgoingPerOriginMax,
                          .requests_waiting_max = api::kOutgoingWaitingMax,
                          .body_bytes_max = api::kOutgoingBodyBytesMax});
    return pools_.emplace(std::move(origin), std::move(pool)).first->second.get();
}

}  // namespace latchkey::server
