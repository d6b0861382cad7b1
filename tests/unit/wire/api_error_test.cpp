#include <latchkey/wire/api_error.hpp>

#include "support/response_shapes.hpp"
#include "wire/json.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::wire {
namespace {

using std::chrono::microseconds;
using test::missing_fields;
using test::Shape;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using token::TokenError;

struct TokenCase {
    TokenError error;
    ErrorCode code;
    std::string_view text;  ///< part of the message
};

constexpr TokenCase kTokenCases[] = {
    {TokenError::Missing, ErrorCode::AuthenticationError, "Authorization"},
    {TokenError::TooLong, ErrorCode::AuthenticationError, "8192 bytes"},
    {TokenError::WrongSegmentCount, ErrorCode::AuthenticationError,
     "token contains an invalid number of segments"},
    {TokenError::NotBase64Url, ErrorCode::AuthenticationError, "base64url"},
    {TokenError::HeaderNotJson, ErrorCode::AuthenticationError, "header"},
    {TokenError::HeaderDuplicateName, ErrorCode::AuthenticationError, "twice"},
    {TokenError::HeaderCritical, ErrorCode::AuthenticationError, "crit"},
    {TokenError::TypeNotAllowed, ErrorCode::AuthenticationError, "typ"},
    {TokenError::AlgorithmNotAllowed, ErrorCode::TokenSignatureInvalid, "HS256"},
    {TokenError::SignatureMismatch, ErrorCode::TokenSignatureInvalid,
     "JWTAuth error: signature is not valid. Make sure the token is created using the secret for "
     "API key \"key-1\""},
    {TokenError::ClaimsNotJson, ErrorCode::AuthenticationError, "claims"},
    {TokenError::ClaimDuplicateName, ErrorCode::AuthenticationError, "twice"},
    {TokenError::TooManyClaims, ErrorCode::AuthenticationError, "128 claims"},
    {TokenError::UserIdNotText, ErrorCode::AuthenticationError,
     "JWTAuth error: json: cannot unmarshal"},
    {TokenError::UserIdInvalid, ErrorCode::AuthenticationError, "1 to 255"},
    {TokenError::DateNotNumber, ErrorCode::AuthenticationError,
     "JWTAuth error: json: cannot unmarshal"},
    {TokenError::DateOutOfRange, ErrorCode::AuthenticationError, "milliseconds"},
    {TokenError::ServerNotTrue, ErrorCode::AuthenticationError,
     "JWTAuth error: json: cannot unmarshal"},
    {TokenError::ServerWithUserId, ErrorCode::AuthenticationError, "both server and user_id"},
    {TokenError::UserIdMissing, ErrorCode::AuthenticationError, "user_id meant?"},
    {TokenError::Expired, ErrorCode::TokenExpired, "JWTAuth error: token is expired (exp)"},
    {TokenError::NotYetValid, ErrorCode::TokenNotValidYet,
     "JWTAuth error: token is not valid yet (nbf)"},
    {TokenError::IssuedInFuture, ErrorCode::TokenUsedBeforeIssuedAt,
     "JWTAuth error: token used before issue at (iat)"},
    {TokenError::RevokedForUser, ErrorCode::TokenExpired,
     "JWTAuth error: token is expired (revoked)"},
    {TokenError::RevokedForApp, ErrorCode::TokenExpired,
     "JWTAuth error: token is expired (revoked)"},
};

class TokenErrors : public testing::TestWithParam<TokenCase> {};

TEST_P(TokenErrors, HaveTheirDocumentedCodeAndText) {
    auto const error = to_api_error(GetParam().error, "key-1");
    EXPECT_EQ(error.code, GetParam().code);
    EXPECT_EQ(error.http_status, 401);
    EXPECT_THAT(error.message, StartsWith("JWTAuth error: "));
    EXPECT_THAT(error.message, HasSubstr(GetParam().text));
    EXPECT_THAT(error.exception_fields, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(ToApiError, TokenErrors, testing::ValuesIn(kTokenCases));

TEST(ToApiError, SendsClientsForANewTokenOnlyWhenExpiredOrRevoked) {
    for (auto const& row : kTokenCases) {
        bool const is_stale = row.error == TokenError::Expired ||
                              row.error == TokenError::RevokedForUser ||
                              row.error == TokenError::RevokedForApp;
        EXPECT_EQ(to_api_error(row.error, "k").code == ErrorCode::TokenExpired, is_stale);
    }
}

TEST(ToApiError, NamesTheApiKeyOnlyForABadSignature) {
    for (auto const& row : kTokenCases) {
        auto const message = to_api_error(row.error, "unmistakable").message;
        EXPECT_EQ(message.contains("unmistakable"), row.error == TokenError::SignatureMismatch);
    }
}

TEST(ToApiError, ShowsOnlySoMuchOfAnApiKeyAsOneCanHave) {
    auto const at_limit = to_api_error(TokenError::SignatureMismatch, std::string(64, 'k'));
    EXPECT_THAT(at_limit.message, HasSubstr('"' + std::string(64, 'k') + '"'));
    auto const over = to_api_error(TokenError::SignatureMismatch, std::string(65, 'k'));
    EXPECT_THAT(over.message, HasSubstr('"' + std::string(64, 'k') + "...\""));
}

TEST(ToApiError, ShowsAnApiKeyWithoutWhatCouldBreakATextOrALog) {
    auto const error = to_api_error(TokenError::SignatureMismatch, "a\"b\\c\nd\xFF\x7F e");
    EXPECT_THAT(error.message, HasSubstr("\"a?b?c?d?? e\""));
}

TEST(FormatApiError, WritesTheDocumentedExample) {
    auto const text =
        format_api_error(to_api_error(TokenError::Expired, "key"), "UpdateApp", microseconds(120));
    EXPECT_EQ(
        text,
        R"({"code":40,"message":"UpdateApp failed with error: \"JWTAuth error: token is expired (exp)\"","StatusCode":401,)"
        R"("duration":"0.12ms","more_info":"https://getstream.io/chat/docs/api_errors_response","details":[]})");
}

TEST(FormatApiError, LeavesTheMessageAloneWithoutAnOperation) {
    auto const text = format_api_error(to_api_error(TokenError::Expired, "key"), "", {});
    EXPECT_EQ(
        text,
        R"json({"code":40,"message":"JWTAuth error: token is expired (exp)","StatusCode":401,)json"
        R"("duration":"0.00ms","more_info":"https://getstream.io/chat/docs/api_errors_response","details":[]})");
}

TEST(FormatApiError, HasEveryRequiredFieldForEveryTokenError) {
    for (auto const& row : kTokenCases) {
        auto const json =
            parse_json_object(format_api_error(to_api_error(row.error, "k"), "GetApp", {}));
        ASSERT_TRUE(json);
        EXPECT_THAT(missing_fields(*json, Shape::Error), IsEmpty());
        EXPECT_TRUE(json->at("details").as_array().empty());
        EXPECT_FALSE(json->contains("exception_fields"));
    }
}

TEST(FormatApiError, WritesExceptionFieldsOnlyWhereThereAreSome) {
    auto error = input_error("name must be a string", "name", "must be a string");
    error.exception_fields.emplace("a\"b", "\n");
    EXPECT_EQ(error.code, ErrorCode::InputError);
    EXPECT_EQ(error.http_status, 400);
    EXPECT_THAT(
        format_api_error(error, "UpdateApp", {}),
        HasSubstr(R"("details":[],"exception_fields":{"a\"b":"\n","name":"must be a string"}})"));
    EXPECT_THAT(format_api_error(input_error("bad"), "UpdateApp", {}),
                Not(HasSubstr("exception_fields")));
}

TEST(FormatApiError, WritesNegativeCodesAndOtherStatuses) {
    ApiError const error{
        .code = ErrorCode::InternalSystemError, .http_status = 503, .message = "try again"};
    EXPECT_THAT(format_api_error(error, "", {}),
                StartsWith(R"({"code":-1,"message":"try again","StatusCode":503,)"));
}

}  // namespace
}  // namespace latchkey::wire
