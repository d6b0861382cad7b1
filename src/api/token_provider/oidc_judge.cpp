#include "api/token_provider/oidc_judge.hpp"

#include "api/credentials.hpp"
#include "oidc/jws.hpp"
#include "wire/json.hpp"

#include <optional>
#include <utility>

namespace latchkey::api {
namespace {

struct ShownToken {
    std::string text;
    std::optional<std::string> nonce;
};

/// A member that is a text; empty where it is absent or null.
std::expected<std::optional<std::string>, wire::ApiError> text_member(
    boost::json::object const& body, std::string_view name) {
    auto const* found = body.if_contains(name);
    if (found == nullptr || found->is_null()) {
        return std::nullopt;
    }
    if (!found->is_string()) {
        return std::unexpected(
            wire::input_error(std::string(name) + " is a text", std::string(name), "wrong type"));
    }
    return std::string(found->get_string());
}

std::expected<ShownToken, wire::ApiError> read_proof(Proof const& proof) {
    ShownToken shown{.text = std::string(strip_bearer(proof.authorization)), .nonce = std::nullopt};
    if (proof.body.empty()) {
        return shown;
    }
    auto const body = wire::parse_json_object(proof.body);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    auto token = text_member(*body, "token");
    auto nonce = text_member(*body, "nonce");
    for (auto const* member : {&token, &nonce}) {
        if (!*member) {
            return std::unexpected(member->error());
        }
    }
    if (shown.text.empty()) {
        shown.text = std::move(*token).value_or(std::string());
    }
    shown.nonce = *std::move(nonce);
    return shown;
}

}  // namespace

OidcJudge::OidcJudge(TokenProviderSettings const& settings, OutgoingHttp& http, Clock const& clock,
                     EventLog& log)
    : settings_(settings),
      source_(std::get<OidcSource>(settings.source)),
      clock_(clock),
      keys_(std::make_shared<ProviderKeys>(ProviderKeys::Origin{.provider = settings.name,
                                                                .issuer = source_.expected.issuer,
                                                                .ca_file = settings.ca_file},
                                           http, clock, log)) {}

void OidcJudge::judge(Proof proof, std::move_only_function<void(JudgedProof)> judged) {
    auto shown = read_proof(proof);
    if (!shown) {
        judged(std::unexpected(std::move(shown).error()));
        return;
    }
    auto token = oidc::SignedToken::parse(shown->text, source_.algorithms);
    if (!token) {
        judged(std::unexpected(proof_refused(std::string(oidc::describe(token.error())))));
        return;
    }
    keys_->verify(
        *std::move(token),
        [this, nonce = std::move(shown->nonce), judged = std::move(judged)](
            ProviderKeys::Verdict const& payload) mutable { judged(decide(payload, nonce)); });
}

JudgedProof OidcJudge::decide(ProviderKeys::Verdict const& payload,
                              std::optional<std::string> const& nonce) const {
    if (!payload) {
        return std::unexpected(
            judge_failed("the keys of the identity provider cannot be had now; try again later"));
    }
    if (!*payload) {
        return std::unexpected(proof_refused(std::string(oidc::describe(payload->error()))));
    }
    auto const claims = oidc::check_claims(**payload, source_.expected, clock_.now(), nonce);
    if (!claims) {
        return std::unexpected(proof_refused(std::string(oidc::describe(claims.error()))));
    }
    return user_of_claims(*claims, settings_);
}

}  // namespace latchkey::api
