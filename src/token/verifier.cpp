#include <latchkey/token/verifier.hpp>

#include "token/json_object_reader.hpp"
#include "token/numeric_date.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/token/limits.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace latchkey::token {
namespace {

using std::unexpected;

/// How nearly every signer writes the header, so that it is compared and not parsed:
/// `{"alg":"HS256","typ":"JWT"}`, `{"typ":"JWT","alg":"HS256"}`, `{"alg":"HS256"}`.
constexpr std::array<std::string_view, 3> kUsualHeaders{
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9",
    "eyJhbGciOiJIUzI1NiJ9",
};

/// The characters of a MAC of 32 bytes.
constexpr std::size_t kMacCharacters = 43;

bool is_usual_header(std::string_view text) {
    return std::ranges::find(kUsualHeaders, text) != kUsualHeaders.end();
}

constexpr std::size_t kPartBytesMax = base64url::decoded_bytes_max(kTokenBytesMax);

/// A decoded part of a token, padded for `JsonObjectReader`.
class PartBuffer {
public:
    /// False where `text` is not canonical base64url.
    [[nodiscard]] bool decode(std::string_view text) noexcept {
        auto const size = base64url::decode(text, bytes_);
        size_ = size.value_or(0);
        std::fill_n(bytes_.begin() + size_, JsonObjectReader::kPadding, ' ');
        return size.has_value();
    }
    [[nodiscard]] std::span<std::uint8_t const> bytes() const noexcept {
        return {bytes_.data(), size_};
    }

private:
    std::array<std::uint8_t, kPartBytesMax + JsonObjectReader::kPadding> bytes_{};
    std::size_t size_ = 0;
};

/// The names of one object that mean nothing here, kept to find one that stands twice. They are
/// compared one by one: at most `kClaimsMax`, and no hash for a signer to collide.
class OtherNames {
public:
    void clear() noexcept { count_ = 0; }
    [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }

    /// Whether the name is new. Names beyond the limit are not kept: they are refused anyway.
    [[nodiscard]] bool add(std::string_view name) noexcept {
        auto const known = std::span(names_).first(count_);
        if (std::ranges::find(known, name) != known.end()) {
            return false;
        }
        if (count_ < names_.size()) {
            names_[count_++] = name;
        }
        return true;
    }

private:
    std::array<std::string_view, kClaimsMax> names_;
    std::size_t count_ = 0;
};

/// The header's parameters that decide something; each may be of any kind yet. All others, among
/// them `kid`, `jwk`, `jku` and `x5u`, are ignored: a token does not choose its key.
struct HeaderParameters {
    std::optional<JsonValue> alg;
    std::optional<JsonValue> typ;
    std::optional<JsonValue> crit;
    std::optional<JsonValue> b64;

    [[nodiscard]] std::optional<JsonValue>* find(std::string_view name) noexcept {
        return name == "alg"    ? &alg
               : name == "typ"  ? &typ
               : name == "crit" ? &crit
               : name == "b64"  ? &b64
                                : nullptr;
    }
};

/// The claims that decide something, each of any kind yet.
struct ClaimValues {
    std::optional<JsonValue> user_id;
    std::optional<JsonValue> exp;
    std::optional<JsonValue> iat;
    std::optional<JsonValue> nbf;
    std::optional<JsonValue> server;
    std::optional<JsonValue> role;

    [[nodiscard]] std::optional<JsonValue>* find(std::string_view name) noexcept {
        switch (name.size()) {
            case 3:
                return name == "exp" ? &exp : name == "iat" ? &iat : name == "nbf" ? &nbf : nullptr;
            case 4: return name == "role" ? &role : nullptr;
            case 6: return name == "server" ? &server : nullptr;
            case 7: return name == "user_id" ? &user_id : nullptr;
            default: return nullptr;
        }
    }
};

enum class ObjectFlaw : std::uint8_t { NotJson, DuplicateName, TooManyNames };

/// What objects are read with.
struct ObjectReader {
    JsonObjectReader json{kPartBytesMax};
    OtherNames other_names;
};

/// Reads an object to its end; the first flaw in the order above is reported. Names are compared
/// with their escapes resolved (RFC 8259 section 8.3). The values are read where they belong:
/// copying them about would cost as much as reading them.
template <class Known>
std::optional<ObjectFlaw> read_object(ObjectReader& reader, PartBuffer const& part,
                                      Known& known) noexcept {
    reader.other_names.clear();
    std::size_t count = 0;
    bool duplicate = false;
    JsonValue ignored;
    auto const is_object = reader.json.read(part.bytes(), [&](std::string_view name) -> JsonValue& {
        ++count;
        if (auto* const value = known.find(name)) {
            duplicate = duplicate || value->has_value();
            return value->emplace();
        }
        duplicate = !reader.other_names.add(name) || duplicate;
        return ignored;
    });
    if (!is_object) {
        return ObjectFlaw::NotJson;
    }
    if (duplicate) {
        return ObjectFlaw::DuplicateName;
    }
    if (count > kClaimsMax) {
        return ObjectFlaw::TooManyNames;
    }
    return std::nullopt;
}

TokenError header_error(ObjectFlaw flaw) {
    return flaw == ObjectFlaw::DuplicateName ? TokenError::HeaderDuplicateName
                                             : TokenError::HeaderNotJson;
}

TokenError claims_error(ObjectFlaw flaw) {
    switch (flaw) {
        case ObjectFlaw::NotJson: return TokenError::ClaimsNotJson;
        case ObjectFlaw::DuplicateName: return TokenError::ClaimDuplicateName;
        case ObjectFlaw::TooManyNames: return TokenError::TooManyClaims;
    }
    std::unreachable();
}

/// Whether `text` is `lower_case`, but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
    return std::ranges::equal(text, lower_case, {}, [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
}

/// RFC 7515 section 4.1.9: media types, so the case does not matter, and the prefix `application/`
/// may be left out.
bool is_jwt_type(JsonValue const& typ) {
    return typ.kind == JsonKind::String && (equals_ignoring_case(typ.text, "jwt") ||
                                            equals_ignoring_case(typ.text, "application/jwt"));
}

bool is_text(std::optional<JsonValue> const& value, std::string_view text) {
    return value && value->kind == JsonKind::String && value->text == text;
}

/// Whether `typ` is looked at. RFC 7515 section 4.1.9: it "is ignored by JWS implementations; any
/// processing of this parameter is performed by the JWS application".
enum class TypeRule : std::uint8_t { Ignored, Jwt };

std::optional<TokenError> check_header(HeaderParameters const& header, TypeRule rule) {
    if (header.crit || header.b64) {
        return TokenError::HeaderCritical;
    }
    if (rule == TypeRule::Jwt && header.typ && !is_jwt_type(*header.typ)) {
        return TokenError::TypeNotAllowed;
    }
    if (!is_text(header.alg, "HS256")) {
        return TokenError::AlgorithmNotAllowed;
    }
    return std::nullopt;
}

/// False where the date is out of range.
bool read_date(std::optional<JsonValue> const& value, std::optional<Instant>& date) {
    if (!value) {
        return true;
    }
    Instant instant;
    if (!parse_numeric_date(value->text, instant)) {
        return false;
    }
    date = instant;
    return true;
}

std::optional<TokenError> read_dates(ClaimValues const& claims, TokenDates& dates) {
    for (auto const* const value : {&claims.exp, &claims.nbf, &claims.iat}) {
        if (*value && (*value)->kind != JsonKind::Number) {
            return TokenError::DateNotNumber;
        }
    }
    auto const in_range = read_date(claims.exp, dates.expires_at) &&
                          read_date(claims.nbf, dates.not_before) &&
                          read_date(claims.iat, dates.issued_at);
    return in_range ? std::nullopt : std::optional(TokenError::DateOutOfRange);
}

enum class AnonymousRule : std::uint8_t { Allowed, Refused };

std::optional<TokenError> check_user_id(std::optional<JsonValue> const& value, AnonymousRule rule) {
    if (!value) {
        return std::nullopt;
    }
    if (value->kind != JsonKind::String) {
        return TokenError::UserIdNotText;
    }
    auto const is_anonymous = rule == AnonymousRule::Allowed && value->text == kAnonymousUserId;
    return is_anonymous || is_user_id(value->text) ? std::nullopt
                                                   : std::optional(TokenError::UserIdInvalid);
}

std::optional<TokenError> check_server_is_boolean(ClaimValues const& claims) {
    auto const is_boolean = !claims.server || claims.server->kind == JsonKind::True ||
                            claims.server->kind == JsonKind::False;
    return is_boolean ? std::nullopt : std::optional(TokenError::ServerNotTrue);
}

/// Checks whose token it is: a user's, or a server's, which says nothing but `server: true` and
/// dates. Anything less clear is refused, lest a misspelt `user_id` make a server of a user.
std::optional<TokenError> check_who(ClaimValues const& claims, bool has_other_claims) {
    if (auto const error = check_server_is_boolean(claims)) {
        return error;
    }
    auto const says_server = claims.server && claims.server->kind == JsonKind::True;
    if (claims.user_id) {
        return says_server ? std::optional(TokenError::ServerWithUserId) : std::nullopt;
    }
    if (claims.server && !says_server) {
        return TokenError::ServerNotTrue;
    }
    if (claims.role || has_other_claims) {
        return TokenError::UserIdMissing;
    }
    return std::nullopt;
}

/// Reads the claims into `result`, which holds empty ones of a user: where nearly all end up, so
/// that nothing is copied.
std::optional<TokenError> read_claims(ObjectReader& reader, PartBuffer const& part,
                                      Claims& result) {
    ClaimValues claims;
    if (auto const flaw = read_object(reader, part, claims)) {
        return claims_error(*flaw);
    }
    if (auto const error = check_user_id(claims.user_id, AnonymousRule::Allowed)) {
        return error;
    }
    auto& user = std::get<UserClaims>(result);
    if (auto const error = read_dates(claims, user.dates)) {
        return error;
    }
    if (auto const error = check_who(claims, !reader.other_names.is_empty())) {
        return error;
    }
    if (!claims.user_id) {
        result = ServerClaims{.dates = user.dates};
        return std::nullopt;
    }
    user.user_id = claims.user_id->text;
    if (claims.role && claims.role->kind == JsonKind::String) {
        user.role = claims.role->text;
    }
    return std::nullopt;
}

}  // namespace

struct Verifier::Workspace {
    PartBuffer header;
    PartBuffer payload;
    PartBuffer signature;  ///< where it has another length than a MAC
    ObjectReader reader;
    std::array<char, kTokenBytesMax> respelt;

    /// Checks header and signature, and says which key it was. The payload is then decoded, so that
    /// a token in a wrong alphabet is called that, but not looked into.
    std::optional<TokenError> check_signature(CompactToken const& token,
                                              std::span<HmacKey const> keys, TypeRule rule,
                                              std::size_t& key_index) noexcept;

    /// Decodes a developer token's payload, whatever its alphabet and padding.
    bool decode_leniently(std::string_view text) noexcept;

    /// Whether it has the form that clients without a secret write: a payload in any base64, and a
    /// third part too short for a MAC. What is wrong with such a token is that it is not signed,
    /// however long its user id, and so the padding, is.
    bool looks_like_developer_token(CompactToken const& token) noexcept;
};

std::optional<TokenError> Verifier::Workspace::check_signature(CompactToken const& token,
                                                               std::span<HmacKey const> keys,
                                                               TypeRule rule,
                                                               std::size_t& key_index) noexcept {
    HmacKey::Mac mac;
    // RFC 7518 section 3.2: the whole HMAC value counts; a truncated one is not accepted.
    auto const has_mac = token.signature().size() == kMacCharacters;
    auto const usual = is_usual_header(token.header());
    if (!(usual || header.decode(token.header())) || !payload.decode(token.payload()) ||
        !(has_mac ? base64url::decode(token.signature(), mac).has_value()
                  : signature.decode(token.signature()))) {
        return looks_like_developer_token(token) ? TokenError::SignatureMismatch
                                                 : TokenError::NotBase64Url;
    }
    if (!usual) {
        HeaderParameters parameters;
        if (auto const flaw = read_object(reader, header, parameters)) {
            return header_error(*flaw);
        }
        if (auto const error = check_header(parameters, rule)) {
            return error;
        }
    }
    for (std::size_t i = 0; has_mac && i < keys.size(); ++i) {
        if (keys[i].verify(token.signing_input(), mac)) {
            key_index = i;
            return std::nullopt;
        }
    }
    return TokenError::SignatureMismatch;
}

bool Verifier::Workspace::decode_leniently(std::string_view text) noexcept {
    // RFC 4648 section 4: padding fills the last group of four, so it stands at the end of a text
    // whose length is a multiple of four.
    if (text.size() % 4 == 0) {
        for (int i = 0; i < 2 && text.ends_with('='); ++i) {
            text.remove_suffix(1);
        }
    }
    std::ranges::transform(text, respelt.begin(), [](char c) {
        return c == '+' ? '-' : c == '/' ? '_' : c;
    });
    return payload.decode({respelt.data(), text.size()});
}

bool Verifier::Workspace::looks_like_developer_token(CompactToken const& token) noexcept {
    return token.signature().size() < kMacCharacters && header.decode(token.header()) &&
           decode_leniently(token.payload());
}

Verifier::Verifier() : workspace_(std::make_unique<Workspace>()) {}

Verifier::~Verifier() = default;

std::expected<Verifier::Verified, TokenError> Verifier::verify(CompactToken const& token,
                                                               std::span<HmacKey const> keys) {
    // One object and one return: g++ 12 then builds it where the caller wants it.
    std::expected<Verified, TokenError> result;
    auto error = workspace_->check_signature(token, keys, TypeRule::Jwt, result->key_index);
    if (!error) {
        error = read_claims(workspace_->reader, workspace_->payload, result->claims);
    }
    if (error) {
        result = unexpected(*error);
    }
    return result;
}

std::expected<Verifier::VerifiedBytes, TokenError> Verifier::verify_signature(
    CompactToken const& token, std::span<HmacKey const> keys) {
    std::size_t key_index = 0;
    if (auto const error = workspace_->check_signature(token, keys, TypeRule::Ignored, key_index)) {
        return unexpected(*error);
    }
    return VerifiedBytes{.payload = workspace_->payload.bytes(), .key_index = key_index};
}

std::expected<UserClaims, TokenError> Verifier::read_developer_token(CompactToken const& token) {
    if (!workspace_->decode_leniently(token.payload())) {
        return unexpected(TokenError::NotBase64Url);
    }
    ClaimValues claims;
    if (auto const flaw = read_object(workspace_->reader, workspace_->payload, claims)) {
        return unexpected(claims_error(*flaw));
    }
    if (auto const error = check_user_id(claims.user_id, AnonymousRule::Refused)) {
        return unexpected(*error);
    }
    if (auto const error = check_server_is_boolean(claims); error && claims.user_id) {
        return unexpected(*error);
    }
    // A token without a signature speaks for no server.
    if (!claims.user_id || (claims.server && claims.server->kind == JsonKind::True)) {
        return unexpected(TokenError::SignatureMismatch);
    }
    return UserClaims{.user_id = claims.user_id->text, .role = {}, .dates = {}};
}

}  // namespace latchkey::token
