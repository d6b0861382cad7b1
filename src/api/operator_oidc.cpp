#include "api/operator_oidc.hpp"

#include "api/auditing.hpp"
#include "api/browser_call.hpp"
#include "api/replies.hpp"
#include "oidc/code_flow.hpp"
#include "oidc/id_token.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using wire::ApiError;
using Outcome = std::expected<OutgoingResponse, OutgoingFailure>;

constexpr std::string_view kPath = "/admin/v1/session/oidc";

/// The binding of a browser to the sign-in that it began. `Lax`, for it has to come along when the
/// provider sends the browser back; the session's own cookie is `Strict`, and would not.
std::string binding_cookie(std::string_view value, bool over_tls, std::chrono::seconds age) {
    std::string line = "Set-Cookie: ";
    line.append(OperatorOidc::cookie_name(over_tls)).append("=").append(value);
    line.append("; Path=").append(kPath);
    line += "; Max-Age=" + std::to_string(age.count()) + "; HttpOnly; SameSite=Lax";
    return line + (over_tls ? "; Secure\r\n" : "\r\n");
}

/// A page of our own, so that the next step begins on this site and `Strict` cookies go along.
http::Response page(int status, std::string_view text, std::string_view head = {}) {
    http::Response response{.status = status, .fields = {}, .body = {}};
    response.fields += kAdminAnswerFields;
    response.fields +=
        "Content-Type: text/html; charset=utf-8\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "X-Frame-Options: DENY\r\n";
    response.body = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">";
    response.body.append(head).append("<title>Latchkey</title><p>").append(text);
    response.body += "</p><p><a href=\"/\">Go on to the dashboard</a></p></html>";
    return response;
}

http::Response signed_in_page(std::string const& session_cookie, bool over_tls) {
    auto response =
        page(200, "You are signed in.", "<meta http-equiv=\"refresh\" content=\"0;url=/\">");
    response.fields += session_cookie;
    response.fields += binding_cookie({}, over_tls, std::chrono::seconds(0));
    return response;
}

/// Whether both are the same, in a time that does not tell where they differ.
bool is_same(std::string_view shown, std::string_view kept) {
    constexpr std::string_view kText = "latchkey oidc binding";
    return !shown.empty() && token::HmacKey(shown).verify(kText, token::HmacKey(kept).mac(kText));
}

}  // namespace

/// One sign-in on its way back. On the loop, but for what the network thread carries there.
struct OperatorOidc::Finishing {
    UnderWay begun;
    Return back;
    GoOn go_on;
};

OperatorOidc::OperatorOidc(OperatorOidcSettings const& settings, Node const& node, http::Loop& loop,
                           OperatorAccess& access, OutgoingHttp& http)
    : settings_(settings),
      node_(node),
      loop_(loop),
      access_(access),
      http_(http),
      keys_(std::make_shared<ProviderKeys>(
          ProviderKeys::Origin{.provider = "operators", .issuer = settings.issuer, .ca_file = {}},
          http, node.clock, node.log)) {}

void OperatorOidc::discover(std::move_only_function<void(Discovered)> then) {
    auto const now = node_.clock.monotonic();
    if (discovery_ && now < discovered_at_ + ProviderKeys::kDiscoveryFresh) {
        then(*discovery_);
        return;
    }
    auto const issuer = oidc::parse_issuer(settings_.issuer);
    http_.send(
        {.url = oidc::discovery_url(*issuer), .fields = {{"Accept", "application/json"}}},
        kDeadline, [this, then = std::move(then)](Outcome outcome) mutable {
            loop_.post([this, outcome = std::move(outcome), then = std::move(then)]() mutable {
                auto found = read_discovery(outcome, settings_.issuer);
                if (found) {
                    discovery_ = *found;
                    discovered_at_ = node_.clock.monotonic();
                }
                then(std::move(found));
            });
        });
}

void OperatorOidc::begin(std::string origin, bool over_tls, GoOn go_on) {
    discover([this, origin = std::move(origin), over_tls,
              go_on = std::move(go_on)](Discovered discovery) mutable {
        if (discovery && discovery->authorization_endpoint && discovery->token_endpoint) {
            go_on(send_away(*discovery, std::move(origin), over_tls));
            return;
        }
        node_.log.write(
            LogLevel::Warning, "oidc.sign_in_failed",
            {{"why", discovery ? "the identity provider has no code flow" : discovery.error()}});
        go_on(page(502, "The identity provider cannot be reached now. Try again later."));
    });
}

http::Response OperatorOidc::send_away(oidc::Discovery const& discovery, std::string origin,
                                       bool over_tls) {
    auto const now = node_.clock.monotonic();
    make_room(now);
    auto const base = settings_.public_url.value_or(std::move(origin));
    UnderWay begun{.cookie = random_text(),
                   .nonce = random_text(),
                   .verifier = random_text(),
                   .redirect_uri = base + std::string(kPath) + "/callback",
                   .begun_at = now};
    auto const state = random_text();
    http::Response response{.status = 302, .fields = {}, .body = {}};
    response.fields += kAdminAnswerFields;
    response.fields += "Referrer-Policy: no-referrer\r\n";
    response.fields += binding_cookie(begun.cookie, over_tls, kUnderWayFor);
    response.add_field("Location", oidc::authorization_url(*discovery.authorization_endpoint,
                                                           {.client_id = settings_.client_id,
                                                            .redirect_uri = begun.redirect_uri,
                                                            .state = state,
                                                            .nonce = begun.nonce,
                                                            .verifier = begun.verifier}));
    under_way_.emplace(state, std::move(begun));
    return response;
}

std::string OperatorOidc::random_text() {
    std::array<std::byte, 32> bytes{};
    node_.random.fill(bytes);
    return base64url::encode(
        {reinterpret_cast<char const*>(bytes.data()), bytes.size()});  // 43 characters
}

void OperatorOidc::make_room(TimePoint now) {
    std::erase_if(under_way_,
                  [now](auto const& entry) { return now >= entry.second.begun_at + kUnderWayFor; });
    if (under_way_.size() >= kUnderWayMax) {
        under_way_.erase(std::ranges::min_element(
            under_way_, {}, [](auto const& entry) { return entry.second.begun_at; }));
    }
}

std::optional<OperatorOidc::UnderWay> OperatorOidc::take(Return const& back, TimePoint now) {
    auto const found = under_way_.find(back.state);
    if (found == under_way_.end() || !is_same(back.cookie, found->second.cookie)) {
        return std::nullopt;  // another browser's stays: it may come back yet
    }
    auto begun = std::move(found->second);
    under_way_.erase(found);
    return now < begun.begun_at + kUnderWayFor ? std::optional(std::move(begun)) : std::nullopt;
}

void OperatorOidc::finish(Return back, GoOn go_on) {
    auto begun = take(back, node_.clock.monotonic());
    auto const finishing = std::make_shared<Finishing>(Finishing{
        .begun = begun.value_or(UnderWay()), .back = std::move(back), .go_on = std::move(go_on)});
    if (!begun) {
        refuse(*finishing, "This sign-in was not begun here, or too long ago. Begin it again.");
        return;
    }
    if (finishing->back.code.empty() || finishing->back.code.size() > oidc::kCodeBytesMax) {
        refuse(*finishing, "The identity provider did not sign you in.");
        return;
    }
    discover([this, finishing](Discovered discovery) {
        if (discovery && discovery->token_endpoint) {
            exchange_code(finishing, *discovery);
        } else {
            fail(*finishing, discovery ? "there is no token endpoint" : discovery.error());
        }
    });
}

void OperatorOidc::exchange_code(FinishingPtr finishing, oidc::Discovery const& discovery) {
    auto const& secret = settings_.client_secret;
    OutgoingRequest request{
        .url = *discovery.token_endpoint,
        .method = "POST",
        .fields = {{"Content-Type", "application/x-www-form-urlencoded"},
                   {"Accept", "application/json"}},
        .body = oidc::exchange_body(
            {.code = finishing->back.code,
             .redirect_uri = finishing->begun.redirect_uri,
             .verifier = finishing->begun.verifier,
             .client_id = settings_.client_id},
            secret ? oidc::ClientKind::Confidential : oidc::ClientKind::Public)};
    if (secret) {
        request.fields.emplace_back(
            "Authorization", oidc::client_authorization(settings_.client_id, secret->reveal()));
    }
    http_.send(std::move(request), kDeadline, [this, finishing](Outcome outcome) {
        loop_.post(
            [this, finishing, outcome = std::move(outcome)] { on_tokens(finishing, outcome); });
    });
}

void OperatorOidc::on_tokens(FinishingPtr finishing, Outcome const& outcome) {
    if (!outcome) {
        fail(*finishing, describe(outcome.error()));
        return;
    }
    if (outcome->status == 400 || outcome->status == 401) {
        fail(*finishing, "the token endpoint refused the code, or the client");
        return;
    }
    auto const text = outcome->status == 200
                          ? oidc::read_id_token(outcome->body)
                          : std::unexpected(std::string_view("the token endpoint failed"));
    if (!text) {
        fail(*finishing, text.error());
        return;
    }
    auto token = oidc::SignedToken::parse(*text, oidc::kAlgorithms);
    if (!token) {
        fail(*finishing, oidc::describe(token.error()));
        return;
    }
    keys_->find(token->key_id(),
                [this, finishing, token = *std::move(token)](ProviderKeys::Keys keys) mutable {
                    loop_.post([this, finishing, token = std::move(token), keys = std::move(keys)] {
                        verify(finishing, token, keys);
                    });
                });
}

void OperatorOidc::verify(FinishingPtr finishing, oidc::SignedToken const& token,
                          ProviderKeys::Keys const& keys) {
    if (!keys) {
        fail(*finishing, "the identity provider's keys cannot be had");
        return;
    }
    auto const payload = token.verify(*keys);
    if (!payload) {
        fail(*finishing, oidc::describe(payload.error()));
        return;
    }
    auto const claims = oidc::check_claims(
        *payload, {.issuer = settings_.issuer, .audiences = {settings_.client_id}},
        node_.clock.now(), finishing->begun.nonce);
    if (!claims) {
        fail(*finishing, oidc::describe(claims.error()));
        return;
    }
    auto const* subject = claims->if_contains("sub");
    if (subject == nullptr || !subject->is_string() || subject->get_string().empty()) {
        fail(*finishing, "the ID token names nobody (sub)");
        return;
    }
    sign_in(finishing, std::string(subject->get_string()));
}

void OperatorOidc::sign_in(FinishingPtr finishing, std::string subject) {
    using Found = std::optional<domain::Account>;
    auto work = [subject = std::move(subject), now = node_.clock.now(),
                 address = finishing->back.place.address](
                    domain::Transaction& transaction) -> std::expected<Found, ApiError> {
        auto account = transaction.accounts().find_by_oidc_subject(subject);
        if (!account || account->disabled) {
            return std::nullopt;
        }
        write_sign_in(transaction, *account, now, address);
        return account;
    };
    access_.ask_store<Found>(
        std::move(work), [this, finishing](std::expected<Found, ApiError> account) {
            if (!account) {
                finishing->go_on(std::unexpected(std::move(account).error()));
            } else if (!*account) {
                refuse(*finishing,
                       "The identity provider knows you, but there is no account for you here. An "
                       "owner can make one.");
            } else {
                auto const& place = finishing->back.place;
                finishing->go_on(signed_in_page(
                    access_.open_session(**account, SignInBy::Oidc, place), place.over_tls));
            }
        });
}

void OperatorOidc::refuse(Finishing& finishing, std::string_view why) {
    access_.audit_failed_sign_in(finishing.back.place.address);
    finishing.go_on(page(401, why));
}

void OperatorOidc::fail(Finishing& finishing, std::string_view why) {
    node_.log.write(LogLevel::Warning, "oidc.sign_in_failed", {{"why", why}});
    refuse(finishing, "The identity provider's answer cannot be used. The server's log says why.");
}

}  // namespace latchkey::api
