#include "api/operator_oidc.hpp"

#include "api/auditing.hpp"
#include "api/peer_address.hpp"
#include "api/replies.hpp"
#include "oidc/code_flow.hpp"
#include "oidc/id_token.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using wire::ApiError;
using Outcome = std::expected<OutgoingResponse, OutgoingFailure>;

constexpr std::string_view kPath = "/admin/v1/session/oidc";

/// The binding of a browser to the sign-in that it began. `Lax`, for it has to come along when the
/// provider sends the browser back; the session's own cookie is `Strict`, and would not.
std::string binding_cookie(std::string_view state, std::string_view value, bool over_tls,
                           std::chrono::seconds age) {
    std::string line = "Set-Cookie: ";
    line.append(OperatorOidc::cookie_name(state, over_tls)).append("=").append(value);
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

/// What is in the way of the code flow; empty: nothing.
std::string_view lack_of(oidc::Discovery const& discovery) {
    if (!discovery.authorization_endpoint) {
        return "the discovery document has no authorization_endpoint of https";
    }
    return discovery.token_endpoint ? std::string_view()
                                    : "the discovery document has no token_endpoint of https";
}

/// Whether both are the same, in a time that does not tell where they differ.
bool is_same(std::string_view shown, std::string_view kept) {
    constexpr std::string_view kText = "latchkey oidc binding";
    return !shown.empty() && token::HmacKey(shown).verify(kText, token::HmacKey(kept).mac(kText));
}

}  // namespace

/// One sign-in on its way back. On the loop, but for what the network thread carries there.
struct OperatorOidc::Finishing {
    std::optional<UnderWay> begun;  ///< absent: not here
    Return back;
    GoOn go_on;

    /// Of a sign-in that is over nothing stays in the browser.
    void show(http::Response response) {
        if (begun) {
            response.fields +=
                binding_cookie(back.state, {}, back.place.over_tls, std::chrono::seconds(0));
        }
        go_on(std::move(response));
    }
};

std::string OperatorOidc::cookie_name(std::string_view state, bool over_tls) {
    constexpr std::size_t kTellingApart = 16;  // characters of a random text
    return (over_tls ? "__Secure-latchkey-oidc-" : "latchkey-oidc-") +
           std::string(state.substr(0, kTellingApart));
}

OperatorOidc::OperatorOidc(OperatorOidcSettings const& settings, Node const& node, http::Loop& loop,
                           OperatorAccess& access, OutgoingHttp& http)
    : settings_(settings),
      node_(node),
      loop_(loop),
      access_(access),
      http_(http),
      provider_(std::make_shared<ProviderKeys>(
          ProviderKeys::Origin{.provider = "operators", .issuer = settings.issuer, .ca_file = {}},
          http, node.clock, node.log)) {}

void OperatorOidc::discover(ProviderKeys::Discovered then) {
    provider_->discover([this, then = std::move(then)](Discovery discovery) mutable {
        if (discovery) {
            if (auto const lack = lack_of(*discovery); !lack.empty()) {
                discovery = std::unexpected(lack);
            }
        }
        loop_.post([discovery = std::move(discovery), then = std::move(then)]() mutable {
            then(std::move(discovery));
        });
    });
}

void OperatorOidc::begin(std::string origin, SignInPlace place, GoOn go_on) {
    discover([this, origin = std::move(origin), place = std::move(place),
              go_on = std::move(go_on)](Discovery const& discovery) mutable {
        if (discovery) {
            go_on(send_away(*discovery, std::move(origin), place));
            return;
        }
        node_.log.write(LogLevel::Warning, "oidc.sign_in_failed", {{"why", discovery.error()}});
        go_on(page(502, "The identity provider cannot be used now. The server's log says why."));
    });
}

http::Response OperatorOidc::send_away(oidc::Discovery const& discovery, std::string origin,
                                       SignInPlace const& place) {
    auto const now = node_.clock.monotonic();
    auto network = network_of(place.address);
    make_room(network, now);
    auto const base = settings_.public_url.value_or(std::move(origin));
    UnderWay begun{.cookie = random_text(),
                   .nonce = random_text(),
                   .verifier = random_text(),
                   .redirect_uri = base + std::string(kPath) + "/callback",
                   .network = std::move(network),
                   .begun_at = now};
    auto const state = random_text();
    http::Response response{.status = 302, .fields = {}, .body = {}};
    response.fields += kAdminAnswerFields;
    response.fields += "Referrer-Policy: no-referrer\r\n";
    response.fields += binding_cookie(state, begun.cookie, place.over_tls, kUnderWayFor);
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

void OperatorOidc::make_room(std::string_view network, TimePoint now) {
    std::erase_if(under_way_,
                  [now](auto const& entry) { return now >= entry.second.begun_at + kUnderWayFor; });
    auto const begun_at = [](auto const& entry) { return entry.second.begun_at; };
    auto same = under_way_ | std::views::filter([network](auto const& entry) {
                    return entry.second.network == network;
                });
    if (std::ranges::distance(same) >= std::ptrdiff_t{kUnderWayPerAddressMax}) {
        under_way_.erase(std::ranges::min_element(same, {}, begun_at).base());
    } else if (under_way_.size() >= kUnderWayMax) {
        under_way_.erase(std::ranges::min_element(under_way_, {}, begun_at));
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
    auto const finishing = std::make_shared<Finishing>(
        Finishing{.begun = std::move(begun), .back = std::move(back), .go_on = std::move(go_on)});
    if (!finishing->begun) {
        refuse(*finishing, "This sign-in was not begun here, or too long ago. Begin it again.");
        return;
    }
    if (finishing->back.code.empty() || finishing->back.code.size() > oidc::kCodeBytesMax) {
        refuse(*finishing, "The identity provider did not sign you in.");
        return;
    }
    discover([this, finishing](Discovery const& discovery) {
        if (discovery) {
            exchange_code(finishing, *discovery);
        } else {
            fail(*finishing, discovery.error());
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
        .body =
            oidc::exchange_body({.code = finishing->back.code,
                                 .redirect_uri = finishing->begun->redirect_uri,
                                 .verifier = finishing->begun->verifier,
                                 .client_id = settings_.client_id},
                                secret ? oidc::ClientKind::Confidential : oidc::ClientKind::Public),
        // RFC 6749 section 4.1.2: "The client MUST NOT use the authorization code more than once."
        .repeatable = false};
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
    provider_->verify(*std::move(token), [this, finishing](ProviderKeys::Verdict payload) {
        loop_.post(
            [this, finishing, payload = std::move(payload)] { on_verdict(finishing, payload); });
    });
}

void OperatorOidc::on_verdict(FinishingPtr finishing, ProviderKeys::Verdict const& payload) {
    if (!payload) {
        fail(*finishing, "the identity provider's keys cannot be had");
        return;
    }
    if (!*payload) {
        fail(*finishing, oidc::describe(payload->error()));
        return;
    }
    auto const claims = oidc::check_claims(
        **payload, {.issuer = settings_.issuer, .audiences = {settings_.client_id}},
        node_.clock.now(), finishing->begun->nonce);
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
                auto response = page(200, "You are signed in.",
                                     "<meta http-equiv=\"refresh\" content=\"0;url=/\">");
                response.fields +=
                    access_.open_session(**account, SignInBy::Oidc, finishing->back.place);
                finishing->show(std::move(response));
            }
        });
}

void OperatorOidc::refuse(Finishing& finishing, std::string_view why) {
    access_.audit_failed_sign_in(finishing.back.place.address);
    finishing.show(page(401, why));
}

void OperatorOidc::fail(Finishing& finishing, std::string_view why) {
    node_.log.write(LogLevel::Warning, "oidc.sign_in_failed", {{"why", why}});
    refuse(finishing, "The identity provider's answer cannot be used. The server's log says why.");
}

}  // namespace latchkey::api
