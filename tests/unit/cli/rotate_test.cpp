#include "cli/commands.hpp"
#include "store_fixture.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <functional>

namespace latchkey::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// `latchkey app rotate --watch`, whose pauses are filled with what others do meanwhile.
class RotateTest : public StoreFixture {
protected:
    RotateTest() { EXPECT_EQ(call({"app", "create", "Demo", "--api-key", "demo"}), 0); }

    int pauses = 0;

    /// `meanwhile` is done in each pause.
    int rotate(Rotate const& arguments, std::function<void()> const& meanwhile) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        auto const status = app_rotate(settings(), arguments, [&](std::chrono::seconds time) {
            EXPECT_EQ(time, 2s);
            ++pauses;
            meanwhile();
        });
        out = testing::internal::GetCapturedStdout();
        complaint = testing::internal::GetCapturedStderr();
        return status;
    }
    enum class Print : bool { Text, Json };
    int watch(Print print, std::function<void()> const& meanwhile) {
        Rotate arguments;
        arguments.watch = true;
        arguments.json = print == Print::Json;
        return rotate(arguments, meanwhile);
    }
    [[nodiscard]] server::Settings settings() const {
        server::Settings settings;
        settings.data = data();
        return settings;
    }
    void retire(std::int64_t id) const {
        SecretRetire arguments;
        arguments.id = id;
        EXPECT_EQ(secret_retire(settings(), arguments), 0);
    }
};

TEST_F(RotateTest, WatchesUntilTheOlderSecretsAreRetired) {
    ASSERT_EQ(call({"app", "secret", "add"}), 0);
    auto const status = watch(Print::Text, [this] {
        if (pauses > 1) {
            retire(pauses - 1);
        }
    });
    EXPECT_EQ(status, 0) << complaint;
    EXPECT_EQ(pauses, 3) << "one in which nothing happens, and one for each that retires";
    EXPECT_THAT(out, HasSubstr("api_secret"));
    EXPECT_THAT(out, HasSubstr("1    retired"));
    EXPECT_THAT(out, HasSubstr("2    retired"));
}

TEST_F(RotateTest, PrintsALineOfJsonForEachLook) {
    EXPECT_EQ(watch(Print::Json, [this] { retire(1); }), 0);
    EXPECT_EQ(pauses, 1);
    EXPECT_THAT(out, HasSubstr(R"({"older":[{"id":1,)"));
    EXPECT_THAT(out, HasSubstr(R"("state":"retired")"));
    EXPECT_THAT(out, Not(HasSubstr("tokens seen")));
}

TEST_F(RotateTest, DoesNotWatchUnlessTold) {
    EXPECT_EQ(rotate(Rotate(), [] {}), 0);
    EXPECT_EQ(pauses, 0);
}

TEST_F(RotateTest, SaysSoWhereThereIsNothingLeftToWatch) {
    auto const status = watch(Print::Text, [this] {
        AppDelete arguments;
        arguments.api_key = "demo";
        arguments.confirm = "Demo";
        EXPECT_EQ(app_delete(settings(), arguments), 0);
    });
    EXPECT_EQ(status, 1);
    EXPECT_EQ(pauses, 1);
    EXPECT_THAT(complaint, HasSubstr("no app"));
}

}  // namespace
}  // namespace latchkey::cli
