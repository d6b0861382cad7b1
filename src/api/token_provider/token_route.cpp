#include "api/token_provider/token_route.hpp"

#include "api/replies.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace latchkey::api {
namespace {

constexpr std::string_view kExposed =
    "Access-Control-Expose-Headers: x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, "
    "retry-after\r\n";

bool names_origin(TokenProvider const& provider, std::string_view origin) {
    auto const& allowed = provider.settings().allowed_origins;
    return std::ranges::find(allowed, origin) != allowed.end();
}

bool allows_all_pages(TokenProvider const& provider) { return names_origin(provider, "*"); }

Proof take_proof(http::Request const& request, TokenProvider const& provider,
                 std::string_view address) {
    Proof proof{
        .authorization = std::string(request.field("authorization")),
        .body = request.method == http::Method::Post ? std::string(request.body) : std::string(),
        .fields = {},
        .address = std::string(address)};
    // Where all pages may ask, none may do so by its visitor's cookies.
    bool const without_cookies = allows_all_pages(provider) && !request.field("origin").empty();
    for (auto const& name : provider.forwarded_fields()) {
        auto const value = request.field(name);
        if (!value.empty() && !(without_cookies && name == "cookie")) {
            proof.fields.emplace_back(name, value);
        }
    }
    return proof;
}

/// One request, behind its proof's judgement.
struct Asked {
    std::unique_ptr<http::DeferredAnswer> answer;
    TokenGiven finish;
    RateStatus rate;
};

/// Keeps an answer until its token's `iat` has come, where that is soon.
class HeldAnswer final : public http::DeferredAnswer {
public:
    /// `issued_at` is read when the answer is complete. All but the first and the last outlive this
    /// object.
    HeldAnswer(std::unique_ptr<http::DeferredAnswer> answer, Clock const& clock, http::Loop& loop,
               OutgoingHttp& http, std::shared_ptr<Instant const> issued_at)
        : answer_(std::move(answer)),
          clock_(clock),
          loop_(loop),
          http_(http),
          issued_at_(std::move(issued_at)) {}

    void complete(http::Response response) override {
        auto const left = *issued_at_ - clock_.now();
        if (left <= left.zero() || left > TokenProvider::kHeldBackMax) {
            answer_->complete(std::move(response));
            return;
        }
        http_.after(
            std::chrono::ceil<std::chrono::milliseconds>(left),
            [&loop = loop_, answer = std::move(answer_), response = std::move(response)]() mutable {
                loop.post([answer = std::move(answer), response = std::move(response)]() mutable {
                    answer->complete(std::move(response));
                });
            });
    }

private:
    std::unique_ptr<http::DeferredAnswer> answer_;
    Clock const& clock_;
    http::Loop& loop_;
    OutgoingHttp& http_;
    std::shared_ptr<Instant const> issued_at_;
};

void refuse(TokenProvider& provider, Asked asked, wire::ApiError error) {
    provider.note_refusal(error.http_status);
    asked.answer->complete(asked.finish(std::unexpected(std::move(error)), asked.rate));
}

/// On the loop again.
void mint_for(Node const& node, http::Loop& loop, TokenProvider& provider, Asked asked,
              JudgedProof judged) {
    if (!judged) {
        refuse(provider, std::move(asked), std::move(judged).error());
        return;
    }
    auto const now = node.clock.now();
    if (node.rate_limits.enforced) {
        auto const rate = provider.users().count(judged->id.text(), now);
        if (!rate.allowed) {
            asked.rate = rate;
            refuse(provider, std::move(asked), too_many_requests());
            return;
        }
    }
    auto const issued_at = std::make_shared<Instant>(now);
    auto held = std::make_unique<HeldAnswer>(std::move(asked.answer), node.clock, loop,
                                             provider.http(), issued_at);
    answer_from_store(node, loop, std::move(held),
                      provider.mint(*std::move(judged), now, issued_at),
                      [&provider, finish = std::move(asked.finish),
                       rate = asked.rate](Result const& result) mutable {
                          if (!result) {
                              provider.note_refusal(result.error().http_status);
                          }
                          return finish(result, rate);
                      });
}

}  // namespace

std::string token_cors_fields(TokenProvider const& provider, http::Request const& request) {
    auto const origin = request.field("origin");
    // Whatever the answer is, it depends on who asks (RFC 9110 section 12.5.5).
    std::string fields = "Vary: Origin\r\n";
    if (origin.empty()) {
        return fields;
    }
    if (allows_all_pages(provider)) {
        return fields + "Access-Control-Allow-Origin: *\r\n" + std::string(kExposed);
    }
    if (!names_origin(provider, origin)) {
        return fields;
    }
    // A page that is named may send its cookies along, for webhooks that are forwarded them.
    fields += "Access-Control-Allow-Origin: ";
    fields += origin;
    fields += "\r\nAccess-Control-Allow-Credentials: true\r\n";
    return fields + std::string(kExposed);
}

std::string token_preflight_fields(TokenProvider const& provider, http::Request const& request) {
    auto fields = token_cors_fields(provider, request);
    if (!fields.contains("Access-Control-Allow-Origin")) {
        return fields;
    }
    fields +=
        "Access-Control-Allow-Methods: GET, POST, OPTIONS\r\n"
        "Access-Control-Allow-Headers: authorization, content-type, accept";
    for (auto const& name : provider.forwarded_fields()) {
        fields += ", " + name;
    }
    return fields + "\r\nAccess-Control-Max-Age: 7200\r\n";
}

std::expected<void, wire::ApiError> check_token_page(TokenProvider const& provider,
                                                     http::Request const& request) {
    auto const origin = request.field("origin");
    auto const site = request.field("sec-fetch-site");
    bool const may_ask = origin.empty()
                             ? site.empty() || site == "same-origin" || site == "none"
                             : allows_all_pages(provider) || names_origin(provider, origin);
    if (!may_ask) {
        return std::unexpected(wire::ApiError{
            .code = wire::ErrorCode::NotAllowedError,
            .http_status = 403,
            .message = "this page's origin is not among those that the token provider allows"});
    }
    return {};
}

void give_token(Node const& node, http::Loop& loop, http::Exchange& exchange,
                TokenProvider& provider, std::string_view address, RateStatus const& rate,
                TokenGiven finish) {
    auto proof = take_proof(exchange.request(), provider, address);
    Asked asked{.answer = exchange.defer(), .finish = std::move(finish), .rate = rate};
    provider.judge().judge(std::move(proof), [&node, &loop, &provider, asked = std::move(asked)](
                                                 JudgedProof judged) mutable {
        loop.post([&node, &loop, &provider, asked = std::move(asked),
                   judged = std::move(judged)]() mutable {
            mint_for(node, loop, provider, std::move(asked), std::move(judged));
        });
    });
}

}  // namespace latchkey::api
