#include <latchkey/token/issue.hpp>

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/validity.hpp>

namespace latchkey::token {
namespace {

/// `{"alg":"HS256","typ":"JWT"}`, spelled as every SDK spells it.
constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

std::string sign(std::string_view claims, HmacKey const& key) {
    auto token = std::string(kHeader) + '.' + base64url::encode(claims);
    auto const mac = key.mac(token);
    return token + '.' + base64url::encode(mac);
}

std::string number(std::chrono::sys_seconds instant) {
    return std::to_string(instant.time_since_epoch().count());
}

/// The characters of a user id need no escapes in JSON.
std::string user_id_member(UserId const& user_id) {
    return "\"user_id\":\"" + user_id.text() + '"';
}

}  // namespace

std::optional<Instant> choose_issued_at(Instant now,
                                        std::optional<Instant> revoked_before) noexcept {
    Instant const this_second = std::chrono::floor<std::chrono::seconds>(now);
    if (!revoked_before || *revoked_before <= this_second) {
        return this_second;
    }
    // Nothing of `revoked_before` is rounded yet: it may be the last instant that there is.
    if (*revoked_before > now + kClockSkewMax) {
        return std::nullopt;
    }
    Instant const first_uncovered = std::chrono::ceil<std::chrono::seconds>(*revoked_before);
    return first_uncovered > now + kClockSkewMax ? std::nullopt : std::optional(first_uncovered);
}

std::string issue_user_token(UserTokenContent const& content, HmacKey const& key) {
    auto claims = '{' + user_id_member(content.user_id);
    if (content.issued_at) {
        claims +=
            ",\"iat\":" + number(std::chrono::floor<std::chrono::seconds>(*content.issued_at));
    }
    if (content.expires_at) {
        claims +=
            ",\"exp\":" + number(std::chrono::floor<std::chrono::seconds>(*content.expires_at));
    }
    if (!content.further_members.empty()) {
        claims += ',' + content.further_members;
    }
    return sign(claims + '}', key);
}

std::string issue_server_token(HmacKey const& key, std::optional<Instant> issued_at) {
    std::string claims = R"({"server":true)";
    if (issued_at) {
        claims += ",\"iat\":" + number(std::chrono::floor<std::chrono::seconds>(*issued_at));
    }
    return sign(claims + '}', key);
}

std::string make_developer_token(UserId const& user_id) {
    // Most clients write standard base64 with padding. Of the two alphabets' differing characters
    // none occurs: no character of a user id or of the JSON around it ends in the bits 11111x.
    auto payload = base64url::encode('{' + user_id_member(user_id) + '}');
    payload.append((4 - payload.size() % 4) % 4, '=');
    return std::string(kHeader) + '.' + payload + ".devtoken";
}

}  // namespace latchkey::token
