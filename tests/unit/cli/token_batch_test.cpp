#include "cli/token_batch.hpp"

#include "support/test_node.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace latchkey::cli {
namespace {

using test::sign;

constexpr std::string_view kApp =
    R"({"api_key":"key","secrets":["test-secret-0123456789-abcdefghijklmnop"],"mode":"production"})";

std::string line(std::string const& token, std::string const& app = std::string(kApp),
                 std::string const& more = "") {
    return R"({"id":7,"token":")" + token +
           R"(","auth_type":"jwt","api_key":"key","now":1767225600)" +
           (app.empty() ? "" : ",\"app\":" + app) + more + "}";
}
boost::json::object check(std::string const& text) {
    return boost::json::parse(check_batch_line(text)).as_object();
}

TEST(CheckBatchLine, AcceptsAndSaysWho) {
    auto const answer = check(line(sign(R"({"user_id":"john"})")));
    EXPECT_EQ(answer.at("id"), 7);
    EXPECT_EQ(answer.at("verdict"), "accept");
    EXPECT_EQ(answer.at("kind"), "user");
    EXPECT_EQ(answer.at("user_id"), "john");
    EXPECT_EQ(check(line(sign(R"({"server":true})"))).at("kind"), "server");
}

TEST(CheckBatchLine, RefusesAndSaysWhy) {
    auto const answer = check(line(sign(R"({"user_id":"john","exp":1767225600})")));
    EXPECT_EQ(answer.at("verdict"), "reject");
    EXPECT_EQ(answer.at("code"), 40);
    EXPECT_EQ(answer.at("rule"), "expired");
    EXPECT_TRUE(answer.at("message").is_string());
}

TEST(CheckBatchLine, TakesALineWithoutAnAppAsAKeyThatNobodyHas) {
    EXPECT_EQ(check(line(sign(R"({"user_id":"john"})"), "")).at("code"), 2);
}

TEST(CheckBatchLine, LaysDownRevocationsAndAccountsFirst) {
    auto const token = sign(R"({"user_id":"john","iat":1767225600})");
    EXPECT_EQ(check(line(token, std::string(kApp),
                         R"(,"user":{"revoke_tokens_issued_before":"2026-01-01T00:00:00.5Z"})"))
                  .at("rule"),
              "revoked_for_user");
    EXPECT_EQ(check(line(token, std::string(kApp),
                         R"(,"user":{"id":"jane","revoke_tokens_issued_before":1767225601})"))
                  .at("verdict"),
              "accept");
    EXPECT_EQ(check(line(token, std::string(kApp),
                         R"(,"user":{"deactivated_at":"2026-01-01T00:00:00Z"})"))
                  .at("code"),
              5);
}

TEST(CheckBatchLine, StopsBehindTheSignatureWhereToldSo) {
    auto const not_claims = sign("plain text");
    EXPECT_EQ(check(line(not_claims, std::string(kApp), R"(,"layer":"jws")")).at("verdict"),
              "accept");
    EXPECT_EQ(check(line(not_claims)).at("verdict"), "reject");
    EXPECT_EQ(check(line(sign("plain text", "another"), std::string(kApp), R"(,"layer":"jws")"))
                  .at("code"),
              43);
}

TEST(CheckBatchLine, TakesSecretsThatAreNoText) {
    auto const token = sign(R"({"user_id":"john"})", std::string_view("\x00\xff\xfe", 3));
    for (auto const* secret : {"AP/+", "AP_-"}) {
        EXPECT_EQ(check(line(token, R"({"api_key":"key","secrets_base64":[")" +
                                        std::string(secret) + R"("]})"))
                      .at("verdict"),
                  "accept")
            << secret;
    }
}

TEST(CheckBatch, AnswersEachLineWithOneLineWhateverItHolds) {
    std::istringstream in("\nnot json\n[]\n{}\n" + line(sign(R"({"user_id":"john"})")) + "\n" +
                          R"({"id":"a","token":5,"now":1})" + "\n" +
                          R"({"id":"b","token":"x","app":{"secrets":"no list"},"now":1})" + "\n" +
                          std::string(kBatchLineBytesMax + 1, 'x') + "\n{\"id\":1}");
    std::ostringstream out;
    check_batch(in, out);
    std::istringstream lines(out.str());
    std::vector<std::string> verdicts;
    for (std::string text; std::getline(lines, text);) {
        verdicts.emplace_back(boost::json::parse(text).at("verdict").as_string());
    }
    std::vector<std::string> const expected = {"reject", "reject", "reject", "reject", "accept",
                                               "reject", "reject", "reject", "reject"};
    EXPECT_EQ(verdicts, expected);
}

}  // namespace
}  // namespace latchkey::cli
