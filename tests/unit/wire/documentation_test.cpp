#include "wire/app_settings.hpp"

#include <latchkey/wire/api_error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace latchkey::wire {
namespace {

std::string read_page(std::string const& name) {
    std::ifstream stream(std::string(LATCHKEY_SOURCE_DIR) + "/docs/reference/" + name);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// The texts of the first column of every table, as far as they are code.
std::set<std::string> rows_of(std::string const& page) {
    constexpr std::string_view kStart = "| `";
    std::set<std::string> rows;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
        auto const end = line.find("` |");
        if (line.starts_with(kStart) && end != std::string::npos) {
            rows.insert(line.substr(kStart.size(), end - kStart.size()));
        }
    }
    return rows;
}

TEST(Documentation, NamesEverySettingOfAnAppAndNoOther) {
    std::set<std::string> settings;
    for (auto const& setting : app_settings()) {
        settings.emplace(setting.name);
    }
    EXPECT_EQ(rows_of(read_page("app-settings.md")), settings);
}

TEST(Documentation, QuotesTheTextOfEveryTokenError) {
    auto const page = read_page("errors.md");
    for (auto error = token::TokenError::Missing;;
         error = static_cast<token::TokenError>(static_cast<int>(error) + 1)) {
        auto const text = to_api_error(error, "KEY").message;
        EXPECT_THAT(page, testing::HasSubstr('`' + text + '`'));
        EXPECT_THAT(page, testing::HasSubstr('`' + std::string(token::rule_name(error)) + '`'));
        if (error == token::TokenError::RevokedForApp) {
            break;
        }
    }
}

TEST(Documentation, HasARowForEveryCode) {
    auto const rows = rows_of(read_page("errors.md"));
    for (auto const code :
         {ErrorCode::InternalSystemError, ErrorCode::AccessKeyError, ErrorCode::InputError,
          ErrorCode::AuthenticationError, ErrorCode::DuplicateUsernameError,
          ErrorCode::RateLimitError, ErrorCode::DoesNotExistError, ErrorCode::NotAllowedError,
          ErrorCode::PayloadTooBigError, ErrorCode::RequestTimeoutError,
          ErrorCode::MaxHeaderSizeExceededError, ErrorCode::TokenExpired,
          ErrorCode::TokenNotValidYet, ErrorCode::TokenUsedBeforeIssuedAt,
          ErrorCode::TokenSignatureInvalid, ErrorCode::ConnectionIdNotFoundError,
          ErrorCode::TooManyConnections, ErrorCode::AppSuspendedError}) {
        EXPECT_TRUE(rows.contains(std::to_string(static_cast<int>(code))))
            << static_cast<int>(code);
    }
}

}  // namespace
}  // namespace latchkey::wire
