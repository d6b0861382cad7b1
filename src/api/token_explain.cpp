#include "api/token_explain.hpp"

#include "api/errors.hpp"
#include "api/token_admin.hpp"
#include "domain/authenticate.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/base/rfc3339.hpp>
#include <latchkey/token/compact_token.hpp>
#include <latchkey/token/limits.hpp>
#include <latchkey/token/validity.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace latchkey::api {
namespace {

using boost::json::object;
using domain::AuthError;
using token::TokenError;

/// In the order in which `domain::authenticate` checks.
enum class Step : std::uint8_t {
    Key,
    App,
    AuthType,
    Form,
    Header,
    Signature,
    Claims,
    Exp,
    Nbf,
    Iat,
    Revocation,
    Account,
};
constexpr std::size_t kStepCount = 12;

constexpr std::array<std::string_view, kStepCount> kStepNames = {
    "key",    "app", "auth_type", "form", "header",     "signature",
    "claims", "exp", "nbf",       "iat",  "revocation", "account"};

Step step_of(AuthError error) {
    switch (error) {
        case AuthError::ApiKeyMissing:
        case AuthError::ApiKeyUnknown: return Step::Key;
        case AuthError::AppSuspended: return Step::App;
        case AuthError::AuthTypeInvalid: return Step::AuthType;
        case AuthError::AnonymousWithUserId: return Step::Claims;
        case AuthError::UserDeactivated:
        case AuthError::UserDeleted: return Step::Account;
    }
    std::unreachable();
}

Step step_of(TokenError error) {
    switch (error) {
        using enum TokenError;
        case Missing:
        case TooLong:
        case WrongSegmentCount:
        case NotBase64Url: return Step::Form;
        case HeaderNotJson:
        case HeaderDuplicateName:
        case HeaderCritical:
        case TypeNotAllowed:
        case AlgorithmNotAllowed: return Step::Header;
        case SignatureMismatch: return Step::Signature;
        case ClaimsNotJson:
        case ClaimDuplicateName:
        case TooManyClaims:
        case UserIdNotText:
        case UserIdInvalid:
        case DateNotNumber:
        case DateOutOfRange:
        case ServerNotTrue:
        case ServerWithUserId:
        case UserIdMissing: return Step::Claims;
        case Expired: return Step::Exp;
        case NotYetValid: return Step::Nbf;
        case IssuedInFuture: return Step::Iat;
        case RevokedForUser:
        case RevokedForApp: return Step::Revocation;
    }
    std::unreachable();
}

Step step_of(domain::Refusal const& refusal) {
    return std::visit([](auto cause) { return step_of(cause); }, refusal.cause);
}

/// A part of a token as its bytes, also in the other alphabet and padded: it is only shown.
std::string decode_leniently(std::string_view part) {
    std::string respelt(part.substr(0, token::kTokenBytesMax));
    while (respelt.ends_with('=')) {
        respelt.pop_back();
    }
    std::ranges::replace(respelt, '+', '-');
    std::ranges::replace(respelt, '/', '_');
    std::vector<std::uint8_t> bytes(base64url::decoded_bytes_max(respelt.size()));
    auto const size = base64url::decode(respelt, bytes);
    return size ? std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size))
                : std::string();
}

/// Reads a part for showing only. The token core gives claims only of a token whose signature
/// verified, and that is right for deciding; an operator who asks why one did not verify wants to
/// see what it says, marked as unverified.
std::optional<object> read_for_showing(std::string_view part) {
    auto parsed = wire::parse_json_object(decode_leniently(part));
    return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
}

std::string_view text_member(object const& body, std::string_view name) {
    auto const* found = body.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                  : std::string_view();
}

/// What an unverified text may look like in a sentence: short, and without what a terminal obeys.
std::string quoted(std::string_view text) {
    constexpr std::size_t kShownBytesMax = 40;
    std::string shown = "\"";
    for (char const c : text.substr(0, kShownBytesMax)) {
        shown += c >= ' ' && c <= '~' && c != '"' ? c : '?';
    }
    return shown + (text.size() > kShownBytesMax ? "…\"" : "\"");
}

/// The facts of a step, and the instant that it compared, where it did.
struct Told {
    std::string facts;
    std::optional<Instant> at{};
};

/// Everything that the explanation is told from. The decision came first; the rest are facts about
/// it, gathered after.
struct Case {
    domain::AppState const* app;  ///< null: there is none
    domain::Credentials credentials;
    Instant now;
    std::expected<domain::Identity, domain::Refusal> const& decision;

    std::string user_id{};  ///< of the verified claims, or of a developer token that was let in
    std::optional<object> header{};
    std::optional<object> shown_claims{};
    std::optional<std::size_t> key_index{};    ///< of the secret that made the signature
    bool key_retired = false;                  ///< by `now`
    bool is_server = false;                    ///< a server's claims, their signature checked
    std::optional<token::TokenDates> dates{};  ///< of claims whose signature was checked
    std::optional<domain::UserStanding> standing{};

    [[nodiscard]] std::optional<Step> failed_at() const {
        return decision ? std::nullopt : std::optional(step_of(decision.error()));
    }
    [[nodiscard]] bool failed_for(TokenError error) const {
        return !decision && decision.error() == domain::Refusal{error};
    }
    [[nodiscard]] bool failed_for(AuthError error) const {
        return !decision && decision.error() == domain::Refusal{error};
    }
    [[nodiscard]] bool anonymous() const { return credentials.auth_type == "anonymous"; }
    /// Where auth checks are off, users' tokens are read and not verified.
    [[nodiscard]] bool unsigned_mode() const {
        return app != nullptr && app->app->auth_checks_disabled() && !anonymous() && !is_server;
    }
    [[nodiscard]] bool claims_verified() const {
        auto const failed = failed_at();
        return key_index && !key_retired && !(failed && *failed <= Step::Signature);
    }
};

void gather(Case& known, domain::NodeState::Reader const& state, token::Verifier& verifier) {
    known.app = state.find_app(known.credentials.api_key);
    auto const compact = token::CompactToken::parse(known.credentials.token);
    if (known.decision) {
        known.user_id = known.decision->user_id;  // before the verifier is used again
    }
    if (compact) {
        known.header = read_for_showing(compact->header());
        known.shown_claims = read_for_showing(compact->payload());
    }
    if (compact && known.app != nullptr) {
        if (auto const bytes = verifier.verify_signature(*compact, known.app->keys)) {
            known.key_index = bytes->key_index;
            auto const retires_at = known.app->app->secrets.at(bytes->key_index).retires_at;
            known.key_retired = retires_at && known.now >= *retires_at;
        }
        if (auto const verified = verifier.verify(*compact, known.app->keys)) {
            if (auto const* user = std::get_if<token::UserClaims>(&verified->claims)) {
                known.user_id = user->user_id;
                known.dates = user->dates;
            } else {
                known.dates = std::get<token::ServerClaims>(verified->claims).dates;
                known.is_server = !known.key_retired;
            }
        } else if (auto const claims = verifier.read_developer_token(*compact);
                   claims && known.unsigned_mode()) {
            known.user_id = claims->user_id;
        }
    }
    if (known.app != nullptr && !known.user_id.empty()) {
        known.standing = known.app->find_standing(known.user_id);
    }
}

std::string number(std::size_t count) { return std::to_string(count); }

std::string tell_key(Case const& known) {
    if (known.app == nullptr) {
        return known.credentials.api_key.empty() ? "no api_key was given"
                                                 : "no app here has this api_key";
    }
    auto const& app = *known.app->app;
    return "app " + quoted(app.name) + ", " +
           (app.mode == domain::Mode::Development ? "development" : "production") + " mode, auth " +
           (app.auth_checks_disabled() ? "checks off" : "checks on");
}

std::string tell_app(Case const& known) {
    auto const& app = *known.app->app;
    if (!app.suspended) {
        return "not suspended";
    }
    return app.suspended_explanation.empty() ? "suspended"
                                             : "suspended: " + quoted(app.suspended_explanation);
}

std::string tell_form(Case const& known) {
    auto const& text = known.credentials.token;
    auto const size = number(text.size()) + " bytes";
    if (text.empty()) {
        return "no token";
    }
    if (known.failed_for(TokenError::WrongSegmentCount)) {
        return size + ", " + number(static_cast<std::size_t>(std::ranges::count(text, '.') + 1)) +
               " parts; a token has three, none of them empty";
    }
    if (known.failed_for(TokenError::TooLong)) {
        return size + "; at most " + number(token::kTokenBytesMax) + " are read";
    }
    return known.failed_for(TokenError::NotBase64Url)
               ? size + "; a part is not base64url without padding"
               : size + ", three parts";
}

std::string tell_header(Case const& known) {
    if (known.unsigned_mode()) {
        return "not looked at: this app's auth checks are off";
    }
    if (!known.header) {
        return "not one JSON object";
    }
    std::string facts;
    for (auto const name : {"alg", "typ"}) {
        auto const* found = known.header->if_contains(name);
        facts += facts.empty() ? "" : ", ";
        facts += name;
        facts += found == nullptr     ? std::string(" absent")
                 : found->is_string() ? ' ' + quoted(found->get_string())
                                      : std::string(" is no text");
    }
    for (auto const name : {"crit", "b64"}) {
        facts += known.header->contains(name) ? std::string(", ") + name : std::string();
    }
    return facts;
}

std::string tell_signature(Case const& known) {
    auto const& secrets = known.app->app->secrets;
    std::string facts = "made by none of the " + number(secrets.size()) + " live secrets";
    if (secrets.size() == 1) {
        facts = "not made by the app's secret";
    }
    if (known.key_index) {
        auto const& secret = secrets.at(*known.key_index);
        facts = "made by secret " + std::to_string(secret.id) + ", created " +
                format_rfc3339(secret.created_at);
        if (secret.retires_at) {
            facts += known.key_retired ? ", retired " : ", retires ";
            facts += words_for(*secret.retires_at, known.now);
        }
    }
    return known.unsigned_mode() ? "not asked for: this app's auth checks are off; " + facts
                                 : facts;
}

std::string tell_claims(Case const& known) {
    if (!known.decision && known.failed_at() == Step::Claims) {
        return to_api_error(known.decision.error(), known.credentials.api_key).message;
    }
    if (known.is_server) {
        return "a server's token: it speaks for the app's backend";
    }
    return "a user's token, user_id " + quoted(known.user_id);
}

std::string skew_words() {
    return "; a clock may be ahead by " + std::to_string(token::kClockSkewMax.count()) + " s";
}

Told tell_date(std::optional<Instant> date, Instant now, std::string_view absent,
               std::string_view past, std::string_view future) {
    if (!date) {
        return {.facts = std::string(absent)};
    }
    return {.facts = std::string(*date <= now ? past : future) + ' ' + words_for(*date, now),
            .at = date};
}

Told tell_revocation(Case const& known) {
    auto const of_app = known.app->app->revoke_tokens_issued_before;
    auto const of_user =
        known.standing ? known.standing->revoke_tokens_issued_before : std::nullopt;
    // The later one decides, and of two equal ones the user's, as in `token::check_not_revoked`.
    auto const latest = std::max(of_app, of_user);
    if (!latest) {
        return {.facts = "none in force, neither for the app nor for the user"};
    }
    std::string facts = of_user >= of_app ? "the user's decides" : "the app's decides";
    facts += ": tokens issued before " + format_rfc3339(*latest) + " are void; ";
    auto const issued_at = known.dates ? known.dates->issued_at : std::nullopt;
    if (!issued_at) {
        facts += "this one does not say when it was issued, so it is void";
    } else if (*issued_at == *latest) {
        facts += "this one was issued at that very instant";
    } else {
        auto const words = words_for(*issued_at, *latest);
        facts += "this one was issued ";
        facts += *issued_at < *latest ? words.substr(0, words.size() - 4) + " before"
                                      : words.substr(3) + " after";
    }
    return {.facts = facts, .at = latest};
}

std::string tell_account(Case const& known) {
    if (!known.standing) {
        return "in good standing, role user";
    }
    if (known.standing->deleted) {
        return "deleted";
    }
    return known.standing->deactivated ? "deactivated"
                                       : "in good standing, role " + quoted(known.standing->role);
}

/// Why a step is passed over for this kind of caller; empty: it is not.
std::string_view why_skipped(Case const& known, Step step) {
    if (known.anonymous() && known.credentials.token.empty() && step >= Step::Form) {
        return "an anonymous caller needs no token";
    }
    if (known.unsigned_mode() && (step == Step::Header || step == Step::Signature)) {
        return "this app's auth checks are off";
    }
    if (known.unsigned_mode() && step >= Step::Exp && step <= Step::Revocation) {
        return "dates and revocations do not count while this app's auth checks are off";
    }
    if (step == Step::Revocation && (known.is_server || known.anonymous())) {
        return known.anonymous() ? "nobody's token" : "a server's token ends with its secret";
    }
    if (step == Step::Account && (known.is_server || known.anonymous())) {
        return known.anonymous() ? "nobody's token" : "a server has no account";
    }
    return {};
}

Told tell(Case const& known, Step step) {
    auto const dates = known.dates.value_or(token::TokenDates{});
    switch (step) {
        case Step::Key: return {.facts = tell_key(known)};
        case Step::App: return {.facts = tell_app(known)};
        case Step::AuthType: return {.facts = quoted(known.credentials.auth_type)};
        case Step::Form: return {.facts = tell_form(known)};
        case Step::Header: return {.facts = tell_header(known)};
        case Step::Signature: return {.facts = tell_signature(known)};
        case Step::Claims: return {.facts = tell_claims(known)};
        case Step::Exp:
            return tell_date(dates.expires_at, known.now, "absent: the token never expires",
                             "expired", "expires");
        case Step::Nbf: {
            auto told =
                tell_date(dates.not_before, known.now, "absent", "valid since", "valid from");
            told.facts += dates.not_before ? skew_words() : "";
            return told;
        }
        case Step::Iat: {
            auto told = tell_date(dates.issued_at, known.now, "absent", "issued", "issued");
            told.facts += dates.issued_at ? skew_words() : "";
            return told;
        }
        case Step::Revocation: return tell_revocation(known);
        case Step::Account: return {.facts = tell_account(known)};
    }
    std::unreachable();
}

void append_step(std::string& out, Case const& known, Step step) {
    auto const failed = known.failed_at();
    out += "{\"step\":\"";
    out += kStepNames.at(std::to_underlying(step));
    out += "\",\"outcome\":\"";
    if (failed && step > *failed) {
        out += "not reached\"}";
        return;
    }
    auto const skipped = step == failed ? std::string_view() : why_skipped(known, step);
    auto const told = skipped.empty() ? tell(known, step) : Told{.facts = std::string(skipped)};
    out += step == failed ? "failed" : skipped.empty() ? "passed" : "skipped";
    out += "\",\"facts\":";
    wire::append_json_string(out, told.facts);
    if (told.at) {
        out += ",\"at\":";
        wire::append_date(out, *told.at, wire::Style::Legacy);
    }
    out += '}';
}

/// What SDKs do with a code (protocol section 5.3). A server's SDK never asks for a new token.
std::string_view sdk_does(wire::ErrorCode code) {
    switch (code) {
        using enum wire::ErrorCode;
        case TokenExpired:
            return "asks its token provider for a new token and tries again; with a fixed token, "
                   "or on a backend, it reports the error";
        case TokenNotValidYet:
        case TokenUsedBeforeIssuedAt:
            return "stops and reports the error; the Feeds SDKs for Android, Flutter and Swift and "
                   "the socket of Chat Android ask for a new token";
        case TokenSignatureInvalid:
            return "stops and reports the error; the sockets of Feeds Swift and Chat Android ask "
                   "for a new token";
        case AuthenticationError:
            return "stops and reports the error; the socket of Chat Android asks for a new token";
        case AccessKeyError:
            return "stops and reports the error; the socket of Feeds Swift asks for a new token";
        case AppSuspendedError:
        case InternalSystemError:
        case InputError:
        case DuplicateUsernameError:
        case RateLimitError:
        case DoesNotExistError:
        case NotAllowedError:
        case PayloadTooBigError:
        case RequestTimeoutError:
        case MaxHeaderSizeExceededError:
        case ConnectionIdNotFoundError:
        case TooManyConnections: return "stops and reports the error";
    }
    std::unreachable();
}

constexpr std::string_view kDeveloperTokenSignature = "devtoken";

std::string mend_signature(Case const& known) {
    auto const& text = known.credentials.token;
    if (known.key_retired) {
        return "the secret that made it is retired: sign with the app's newest secret";
    }
    if (known.unsigned_mode()) {
        return "only a token signed with the app's secret speaks for a server, also while auth "
               "checks are off; a user's token has a user_id";
    }
    if (text.substr(text.rfind('.') + 1) == kDeveloperTokenSignature) {
        return known.app->app->mode == domain::Mode::Production
                   ? "a developer token in production mode: mint one with the secret, or use "
                     "an app in development mode"
                   : "a developer token, and this app checks tokens: mint one with the secret, or "
                     "set disable_auth_checks=true on the app";
    }
    return "signed with another secret: is it the secret of this API key, as the text it is, "
           "decoded neither from hex nor from base64?";
}

std::string mend_date_out_of_range(Case const& known) {
    // RFC 7519 section 2 counts seconds; a Unix time in milliseconds has been beyond 1e12 since
    // 2001.
    constexpr double kMillisecondsMin = 1e12;
    for (auto const name : {"exp", "nbf", "iat"}) {
        auto const* date = known.shown_claims ? known.shown_claims->if_contains(name) : nullptr;
        if (date != nullptr && date->is_number() && date->to_number<double>() >= kMillisecondsMin) {
            return std::string(name) + " in milliseconds: write seconds since 1970";
        }
    }
    return "write exp, iat and nbf as seconds since 1970, up to the year 9999";
}

std::string mend_user_id_missing(Case const& known) {
    for (auto const name : {"sub", "userId", "userid", "user", "uid", "id"}) {
        if (known.shown_claims && known.shown_claims->contains(name)) {
            return std::string("the claim ") + name + " is not read: name it user_id";
        }
    }
    return "put user_id into the token; a server's token says server: true and nothing but dates";
}

std::string mend_revoked(Case const& known) {
    if (auto const latest = tell_revocation(known).at; latest > known.now) {
        return "the revocation lies ahead, so no token helps before then: take it back with "
               "`latchkey user unrevoke` or `latchkey app unrevoke`";
    }
    return known.dates && known.dates->issued_at
               ? "mint a new token; or take the revocation back with `latchkey user unrevoke` or "
                 "`latchkey app unrevoke`"
               : "a token without iat under a revocation: mint with iat";
}

std::string mend(Case const& known, TokenError error) {
    switch (error) {
        using enum TokenError;
        case Missing: return "send the token in the header Authorization, or as the argument here";
        case TooLong: return "put less into the claims: profile data belongs to the user";
        case WrongSegmentCount: return "send the whole token as it was minted, and nothing else";
        case NotBase64Url:
            return "make it with a JWT library: base64url (RFC 4648 section 5), no padding, no "
                   "line breaks";
        case HeaderNotJson:
        case HeaderDuplicateName: return "make the token with a JWT library, not by hand";
        case HeaderCritical: return "leave crit and b64 out of the header";
        case TypeNotAllowed: return "leave typ out of the header, or write JWT";
        case AlgorithmNotAllowed: return "sign with HS256 and the app's secret";
        case SignatureMismatch: return mend_signature(known);
        case ClaimsNotJson:
        case ClaimDuplicateName: return "make the claims with a JSON library, each name once";
        case TooManyClaims: return "put fewer claims into the token";
        case UserIdNotText: return "write user_id as a text: \"42\", not 42";
        case UserIdInvalid:
            return "give the user an id of 1 to 255 of the characters a-z A-Z 0-9 @ _ -";
        case DateNotNumber: return "write exp, iat and nbf as numbers: seconds since 1970";
        case DateOutOfRange: return mend_date_out_of_range(known);
        case ServerNotTrue: return "write server as the boolean true, or leave it out";
        case ServerWithUserId:
            return "leave server out of a user's token, and user_id out of a server's";
        case UserIdMissing: return mend_user_id_missing(known);
        case Expired: return "mint a new token: `latchkey token create`, or your token provider";
        case NotYetValid: return "compare the clocks of issuer and server, or wait until nbf";
        case IssuedInFuture:
            return "compare the clocks of issuer and server; an issuer may back-date iat by some "
                   "seconds";
        case RevokedForUser:
        case RevokedForApp: return mend_revoked(known);
    }
    std::unreachable();
}

std::string mend(Case const& /*known*/, AuthError error) {
    switch (error) {
        case AuthError::ApiKeyMissing: return "send api_key in the query";
        case AuthError::ApiKeyUnknown:
            return "use the key of an app of this server: `latchkey app list` shows them";
        case AuthError::AppSuspended:
            return "lift the suspension: `latchkey app update KEY --set suspended=false`";
        case AuthError::AuthTypeInvalid: return "send stream-auth-type: jwt, or anonymous";
        case AuthError::AnonymousWithUserId:
            return "send stream-auth-type: jwt with a user's token, or no token at all";
        case AuthError::UserDeactivated: return "reactivate the user";
        case AuthError::UserDeleted: return "restore the user";
    }
    std::unreachable();
}

/// What is odd about a token that is let in; empty: nothing.
std::string advice(Case const& known) {
    constexpr std::chrono::years kUsualMax{10};
    if (known.unsigned_mode()) {
        return "let in unchecked: set disable_auth_checks=false before anybody else can reach this "
               "server";
    }
    if (!known.dates || known.anonymous()) {
        return {};
    }
    if (known.dates->expires_at && *known.dates->expires_at - known.now > kUsualMax) {
        auto const words = words_for(*known.dates->expires_at, known.now).substr(3);
        return "exp lies " + words + " ahead: was a Unix time passed where a duration is wanted?";
    }
    if (!known.dates->issued_at && !known.is_server) {
        return "a token without iat dies by any revocation: mint with iat";
    }
    return known.dates->expires_at || known.is_server
               ? std::string()
               : "it never expires: only a revocation ends it; mint with exp";
}

void append_claims(std::string& out, Case const& known) {
    if (!known.shown_claims) {
        return;
    }
    out += ",\"claims_verified\":";
    out += known.claims_verified() ? "true" : "false";
    out += ",\"claims\":";
    wire::append_json(out, *known.shown_claims);
}

std::string mend(Case const& known) {
    return known.decision ? advice(known)
                          : std::visit([&](auto cause) { return mend(known, cause); },
                                       known.decision.error().cause);
}

std::string format_explanation(Case const& known) {
    std::string out = ",\"now\":";
    wire::append_date(out, known.now, wire::Style::Legacy);
    out += ",\"clock_skew_max_s\":";
    wire::append_json_number(out, token::kClockSkewMax.count());
    out += ",\"steps\":[";
    for (std::size_t i = 0; i < kStepCount; ++i) {
        out += i == 0 ? "" : ",";
        append_step(out, known, static_cast<Step>(i));
    }
    out += ']';
    append_claims(out, known);
    out += ",\"sdk\":";
    wire::append_json_string(
        out, known.decision
                 ? "uses it until the server refuses it"
                 : sdk_does(to_api_error(known.decision.error(), known.credentials.api_key).code));
    out += ",\"mend\":";
    wire::append_json_string(out, mend(known));
    return out;
}

struct RevocationInForce {
    std::optional<UserId> user;  ///< empty: of the App
    Instant before;
};

/// Those that the token was held against.
std::vector<RevocationInForce> revocations_of(Case const& known) {
    std::vector<RevocationInForce> found;
    auto user = UserId::parse(known.user_id);
    if (!user || known.app == nullptr || known.is_server || known.anonymous()) {
        return found;
    }
    if (auto const before = known.app->app->revoke_tokens_issued_before) {
        found.push_back({.user = std::nullopt, .before = *before});
    }
    if (known.standing && known.standing->revoke_tokens_issued_before) {
        found.push_back(
            {.user = std::move(user), .before = *known.standing->revoke_tokens_issued_before});
    }
    return found;
}

/// `set_at` and `set_by` are left out where nobody kept them: by a version from before they were.
void append_revocations(std::string& out, AppId app,
                        std::vector<RevocationInForce> const& revocations,
                        domain::RevocationOrigins& origins) {
    out += ",\"revocations\":[";
    for (auto const& revocation : revocations) {
        out += &revocation == &revocations.front() ? "" : ",";
        out += revocation.user ? R"({"of":"user","before":)" : R"({"of":"app","before":)";
        wire::append_date(out, revocation.before, wire::Style::Legacy);
        if (auto const origin = origins.find(app, revocation.user)) {
            out += ",\"set_at\":";
            wire::append_date(out, origin->set_at, wire::Style::Legacy);
            out += ",\"set_by\":";
            wire::append_json_string(out, origin->set_by);
        }
        out += '}';
    }
    out += ']';
}

std::string join_units(std::int64_t large, std::string_view large_name, std::int64_t small,
                       std::string_view small_name) {
    auto text = std::to_string(large) + ' ' + std::string(large_name);
    return small == 0 ? text : text + ' ' + std::to_string(small) + ' ' + std::string(small_name);
}

/// Two units at most, the rest cut off: precise where it is short.
std::string length_words(std::chrono::seconds length) {
    constexpr std::int64_t kMinute = 60;
    constexpr std::int64_t kHour = 60 * kMinute;
    constexpr std::int64_t kDay = 24 * kHour;
    constexpr std::int64_t kYear = 31'556'952;  // of the Gregorian calendar, on average
    auto const seconds = length.count();
    if (seconds == 0) {
        return "less than 1 s";
    }
    if (seconds < kMinute) {
        return std::to_string(seconds) + " s";
    }
    if (seconds < kHour) {
        return join_units(seconds / kMinute, "min", seconds % kMinute, "s");
    }
    if (seconds < kDay) {
        return join_units(seconds / kHour, "h", seconds % kHour / kMinute, "min");
    }
    if (seconds < 2 * kYear) {
        return join_units(seconds / kDay, "d", seconds % kDay / kHour, "h");
    }
    return std::to_string(seconds / kYear) + " years";
}

}  // namespace

std::string words_for(Instant instant, Instant now) {
    if (instant == now) {
        return "now";
    }
    auto const length = std::chrono::floor<std::chrono::seconds>(std::chrono::abs(instant - now));
    return instant < now ? length_words(length) + " ago" : "in " + length_words(length);
}

Reply explain_token(domain::NodeState::Reader const& state, object const& body, Instant now,
                    token::Verifier& verifier) {
    if (auto const* given = body.if_contains("now"); given != nullptr && !given->is_null()) {
        auto const instant = wire::parse_request_date(*given);
        if (!instant) {
            return std::unexpected(
                wire::input_error("now wants a date, as 2026-01-31T23:59:59Z", "now", "no date"));
        }
        now = *instant;
    }
    auto const auth_type = text_member(body, "auth_type");
    domain::Credentials const credentials = {
        .api_key = text_member(body, "api_key"),
        .auth_type = auth_type.empty() ? std::string_view("jwt") : auth_type,
        .token = text_member(body, "token")};
    auto const decision = domain::authenticate(state, credentials, now, verifier);
    Answer answer;
    append_verdict(answer.members, decision, credentials.api_key);
    Case known = {.app = nullptr, .credentials = credentials, .now = now, .decision = decision};
    gather(known, state, verifier);
    answer.members += format_explanation(known);
    auto revocations = revocations_of(known);
    if (revocations.empty()) {
        return answer;
    }
    return StoreWork([app = known.app->app->id, revocations = std::move(revocations),
                      answer = std::move(answer)](domain::Transaction& transaction) mutable {
        append_revocations(answer.members, app, revocations, transaction.revocation_origins());
        return Result(std::move(answer));
    });
}

}  // namespace latchkey::api
