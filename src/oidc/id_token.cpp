#include "oidc/id_token.hpp"

#include "oidc/limits.hpp"
#include "wire/json.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace latchkey::oidc {
namespace {

using boost::json::object;
using Texts = std::vector<std::string>;

/// Empty where it is absent or no text.
std::optional<std::string_view> text_claim(object const& claims, std::string_view name) {
    auto const* found = claims.if_contains(name);
    if (found == nullptr || !found->is_string()) {
        return std::nullopt;
    }
    return std::string_view(found->get_string());
}

bool has(Texts const& texts, std::string_view text) {
    return std::ranges::find(texts, text) != texts.end();
}

/// RFC 7519 section 4.1.3: a text, or a list of texts. Empty where it is neither, or too long.
Texts read_audiences(object const& claims) {
    auto const* found = claims.if_contains("aud");
    if (found == nullptr) {
        return {};
    }
    if (found->is_string()) {
        return {std::string(found->get_string())};
    }
    auto const* list = found->if_array();
    if (list == nullptr || list->size() > kAudiencesMax) {
        return {};
    }
    Texts audiences;
    for (auto const& entry : *list) {
        if (!entry.is_string()) {
            return {};
        }
        audiences.emplace_back(entry.get_string());
    }
    return audiences;
}

std::optional<ProofError> check_audience(object const& claims, Expectations const& expected) {
    auto const audiences = read_audiences(claims);
    if (std::ranges::none_of(
            audiences, [&](auto const& audience) { return has(expected.audiences, audience); })) {
        return ProofError::AudienceMismatch;
    }
    if (audiences.size() == 1) {
        return std::nullopt;
    }
    auto const& parties =
        expected.authorized_parties.empty() ? expected.audiences : expected.authorized_parties;
    auto const party = text_claim(claims, "azp");
    return party && has(parties, *party) ? std::nullopt
                                         : std::optional(ProofError::AuthorizedParty);
}

/// The claim as an instant; empty where it is no number, or out of range. Exact for whole seconds.
std::optional<Instant> to_instant(boost::json::value const& claim) {
    using std::chrono::seconds;
    constexpr auto kMax = std::chrono::floor<seconds>(kInstantMax).time_since_epoch().count();
    if (claim.is_int64() && claim.get_int64() >= 0 && claim.get_int64() <= kMax) {
        return Instant(seconds(claim.get_int64()));
    }
    if (claim.is_double() && claim.get_double() >= 0 &&
        claim.get_double() <= static_cast<double>(kMax)) {
        constexpr double kMicroseconds = 1e6;
        return Instant(std::chrono::microseconds(
            static_cast<std::int64_t>(std::ceil(claim.get_double() * kMicroseconds))));
    }
    return std::nullopt;
}

std::optional<ProofError> check_dates(object const& claims, Instant now) {
    std::optional<Instant> expires_at;
    std::optional<Instant> not_before;
    std::optional<Instant> issued_at;
    if (!claims.contains("exp")) {
        return ProofError::ExpiryMissing;
    }
    for (auto const& [name, date] :
         {std::pair{"exp", &expires_at}, {"nbf", &not_before}, {"iat", &issued_at}}) {
        if (auto const* claim = claims.if_contains(name)) {
            *date = to_instant(*claim);
            if (!*date) {
                return ProofError::DateInvalid;
            }
        }
    }
    if (expires_at && now >= *expires_at + kProviderClockSkew) {
        return ProofError::Expired;
    }
    if (not_before && *not_before > now + kProviderClockSkew) {
        return ProofError::NotYetValid;
    }
    if (issued_at && *issued_at > now + kProviderClockSkew) {
        return ProofError::IssuedInFuture;
    }
    return std::nullopt;
}

}  // namespace

std::expected<object, ProofError> check_claims(std::string_view payload,
                                               Expectations const& expected, Instant now,
                                               std::optional<std::string_view> nonce) {
    auto claims = wire::parse_json_object(payload);
    if (!claims) {
        return std::unexpected(ProofError::ClaimsNotJson);
    }
    // Logout tokens and other security event tokens (RFC 8417 section 2.2) have the issuer, the
    // audience and the keys of ID tokens, and their `typ` may be absent or `JWT`.
    if (claims->contains("events")) {
        return std::unexpected(ProofError::EventToken);
    }
    if (text_claim(*claims, "iss") != expected.issuer) {
        return std::unexpected(ProofError::IssuerMismatch);
    }
    if (auto const error = check_audience(*claims, expected)) {
        return std::unexpected(*error);
    }
    if (auto const error = check_dates(*claims, now)) {
        return std::unexpected(*error);
    }
    if (nonce && text_claim(*claims, "nonce") != *nonce) {
        return std::unexpected(ProofError::NonceMismatch);
    }
    return *std::move(claims);
}

}  // namespace latchkey::oidc
