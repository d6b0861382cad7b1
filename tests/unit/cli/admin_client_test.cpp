#include "server/local_access.hpp"
#include "storage/data_directory.hpp"
#include "store_fixture.hpp"
#include "support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::cli {
namespace {

using test::ScriptedPeer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A store whose `admin.json` names somebody who answers as a test says.
class StaleAccessTest : public StoreFixture {
protected:
    StaleAccessTest() { EXPECT_EQ(call({"app", "create", "Demo", "--api-key", "demo"}), 0); }

    void answer_with(std::string bytes) {
        peer_ = std::make_unique<ScriptedPeer>([bytes = std::move(bytes)](
                                                   ScriptedPeer::Request const&) {
            return ScriptedPeer::Reply{.bytes = bytes, .then = ScriptedPeer::Reply::Then::Close};
        });
        auto const url = peer_->url();
        address_ = url.substr(std::string_view("http://").size());
        auto const port = std::stoul(address_.substr(address_.find(':') + 1));
        file_ = std::make_unique<server::LocalAccessFile>(
            data(), server::LocalAccess{.host = "127.0.0.1",
                                        .port = static_cast<std::uint16_t>(port),
                                        .credential = Secret("of a server that was killed")});
    }

    [[nodiscard]] std::size_t asked() const { return peer_->requests().size(); }

    std::string address_;

private:
    std::unique_ptr<ScriptedPeer> peer_;
    std::unique_ptr<server::LocalAccessFile> file_;
};

constexpr auto kNotSignedIn =
    R"({"code":5,"message":"sign in","StatusCode":401,"duration":"0.01ms"})";
constexpr auto kWrongHost =
    R"({"code":17,"message":"not my name","StatusCode":403,"duration":"0.01ms"})";

class Stranger : public StaleAccessTest, public testing::WithParamInterface<std::string> {};

TEST_P(Stranger, IsPassedOverWhereNoServerRunsOnTheStore) {
    answer_with(GetParam());
    EXPECT_EQ(call({"app", "list"}), 0) << complaint;
    EXPECT_THAT(out, HasSubstr("demo"));
    EXPECT_EQ(asked(), 1U);
}

TEST_P(Stranger, IsNamedWhereAServerDoes) {
    answer_with(GetParam());
    auto const held = storage::DataDirectory::open(data());
    EXPECT_EQ(call({"app", "list"}), 1);
    EXPECT_EQ(out, "");
    EXPECT_THAT(complaint,
                AllOf(HasSubstr((data() / "admin.json").string() + " names " + address_),
                      HasSubstr("another server answers"), HasSubstr("holds the data directory")));
}

INSTANTIATE_TEST_SUITE_P(Answers, Stranger,
                         testing::Values(ScriptedPeer::format(401, kNotSignedIn),
                                         ScriptedPeer::format(403, kWrongHost),
                                         ScriptedPeer::format(200, "<html>"),
                                         ScriptedPeer::format(404, "not found"),
                                         ScriptedPeer::format(200, R"({"apps":"none of ours"})"),
                                         std::string("SSH-2.0-OpenSSH\r\n")));

TEST_F(StaleAccessTest, TakesTheErrorsOfItsServerForWhatTheyAre) {
    answer_with(ScriptedPeer::format(
        400, R"({"code":4,"message":"not so","StatusCode":400,"duration":"0.01ms"})"));
    EXPECT_EQ(call({"app", "list"}), 1);
    EXPECT_THAT(complaint, AllOf(HasSubstr("not so"), Not(HasSubstr("admin.json"))));
}

TEST_F(StaleAccessTest, DoesNothingTwiceThatAServerMayHaveDone) {
    answer_with("");  // closed before it answered
    EXPECT_EQ(call({"app", "create", "Second"}), 1);
    EXPECT_THAT(complaint, HasSubstr("did not answer"));
}

}  // namespace
}  // namespace latchkey::cli
