#include "contract/samples.hpp"
#include "contract/store_harness.hpp"
#include "domain/user_filter.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace latchkey {
namespace {

using domain::Comparison;
using domain::FilterValue;
using domain::User;
using domain::UserField;
using domain::UserFilter;
using domain::UserQuery;

constexpr int kUsers = 60;
constexpr int kQueries = 3000;

// Values are drawn from few, so that they meet; among them those that confuse SQL, LIKE and JSON
// paths.
constexpr std::string_view kTexts[] = {"",
                                       "a",
                                       "A",
                                       "anna",
                                       "Anna Bell",
                                       "bell%",
                                       "b_ll",
                                       "\\",
                                       "it's",
                                       "x\"y",
                                       "5",
                                       "true",
                                       "ä",
                                       "Ä b",
                                       "  ",
                                       "' OR 1=1 --",
                                       "\xF0\x9F\x99\x82",
                                       "red",
                                       std::string_view("n\0l", 3)};
constexpr std::string_view kKeys[] = {"k", "a.b", "$", "q\"uote", "it's", "", "[0]"};

class Generator {
public:
    explicit Generator(std::uint64_t seed) : engine_(seed) {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
    }
    bool flip() { return below(2) == 0; }
    std::string text() { return std::string(kTexts[below(std::size(kTexts))]); }
    std::string key() { return std::string(kKeys[below(std::size(kKeys))]); }
    Instant instant() {
        return test::kNow + std::chrono::microseconds(static_cast<std::int64_t>(below(4)));
    }
    std::string id() { return "u" + std::to_string(below(kUsers)); }

    boost::json::value json() {
        switch (below(9)) {
            case 0: return nullptr;
            case 1: return flip();
            case 2: return static_cast<std::int64_t>(below(3)) - 1;
            case 3: return 18'446'744'073'709'551'615U;
            case 4: return 0.5;
            case 5: return 1.0;
            case 6: return boost::json::array{1};
            case 7: return boost::json::object{{"k", 1}};
            default: return boost::json::value(text());
        }
    }

    User user(int number) {
        auto user = test::plain_user("u" + std::to_string(number));
        user.role = flip() ? "user" : text();
        if (flip()) {
            user.name = text();
        }
        user.language = flip() ? "" : text();
        user.created_at = instant();
        user.updated_at = instant();
        if (flip()) {
            user.last_active = instant();
        }
        for (auto count = below(3); count > 0; --count) {
            user.teams.push_back(text());
        }
        for (auto count = below(4); count > 0; --count) {
            user.custom[key()] = json();
        }
        if (below(8) == 0) {
            user.deactivated_at = instant();
        }
        if (below(8) == 0) {
            user.deleted_at = instant();
        }
        return user;
    }

    FilterValue value() {
        switch (below(8)) {
            case 0: return flip();
            case 1: return static_cast<std::int64_t>(below(3)) - 1;
            case 2: return flip() ? 0.5 : 1.0;
            case 3: return 18'446'744'073'709'551'616.0;
            case 4: return instant();
            case 5: return id();
            default: return text();
        }
    }

    UserFilter filter(int depth) {
        if (depth == 0 || below(3) == 0) {
            domain::UserCondition condition = {
                .field = static_cast<UserField>(below(10)),
                .custom_key = key(),
                .comparison = static_cast<Comparison>(below(10)),
                .values = {},
            };
            for (auto count = below(6) == 0 ? below(4) : 1; count > 0; --count) {
                condition.values.push_back(value());
            }
            return {condition};
        }
        UserFilter::Group group = {.join = static_cast<UserFilter::Join>(below(3)), .parts = {}};
        for (auto count = below(4); count > 0; --count) {
            group.parts.push_back(filter(depth - 1));
        }
        return {group};
    }

    UserQuery query() {
        UserQuery query = {.filter = filter(3),
                           .sorts = {},
                           .limit = below(2) == 0 ? below(10) : kUsers,
                           .offset = below(3) == 0 ? below(10) : 0,
                           .include_deactivated = flip()};
        for (auto count = below(3); count > 0; --count) {
            query.sorts.push_back(
                {.field = static_cast<UserField>(below(7)), .descending = flip()});
        }
        return query;
    }

private:
    std::mt19937_64 engine_;
};

class QueryAgreement : public testing::Test {
protected:
    QueryAgreement() {
        std::vector<domain::UserWrite> writes;
        for (int number = 0; number < kUsers; ++number) {
            writes.push_back({.user = generator_.user(number), .standing_changed = false});
        }
        for (auto const& kind : test::store_kinds()) {
            harnesses_.push_back(kind.make(10));
            std::ignore = test::commit_one(harnesses_.back()->store(), [&](domain::Transaction& t) {
                app_ = t.apps().insert(test::plain_app("app")).value();
                t.users().put(app_, writes);
            });
        }
    }

    /// What each store answers, as text.
    std::vector<std::string> answers(UserQuery const& query) {
        std::vector<std::string> answers;
        for (auto const& harness : harnesses_) {
            auto& answer = answers.emplace_back();
            auto const result = test::commit_one(harness->store(), [&](domain::Transaction& t) {
                for (auto const& user : t.users().query(app_, query)) {
                    answer += user.id.text() + " ";
                }
            });
            EXPECT_EQ(result.jobs.at(0), domain::JobResult::Committed);
        }
        return answers;
    }

    Generator generator_{20260101};

private:
    std::vector<std::unique_ptr<test::StoreHarness>> harnesses_;
    AppId app_{};
};

TEST_F(QueryAgreement, HoldsForRandomQueries) {
    int answered = 0;
    for (int i = 0; i < kQueries; ++i) {
        auto const query = generator_.query();
        auto const given = answers(query);
        ASSERT_EQ(given.at(0), given.at(1)) << "query " << i;
        answered += given.at(0).empty() ? 0 : 1;
    }
    // Otherwise the stores would agree on nothing but nothing.
    EXPECT_GT(answered, kQueries / 4);
}

UserFilter is_id(std::string id) {
    return {domain::UserCondition{.field = UserField::Id,
                                  .custom_key = {},
                                  .comparison = Comparison::Equal,
                                  .values = {std::move(id)}}};
}

/// As deep as its number of nodes allows, with `others` plain conditions beside each group, before
/// it or behind it.
UserFilter deep_filter(UserFilter::Join join, std::size_t others, bool before) {
    auto filter = is_id("u1");
    for (std::size_t nodes = 1; nodes + others + 1 <= domain::kFilterNodesMax;
         nodes += others + 1) {
        UserFilter::Group group = {.join = join, .parts = {}};
        group.parts.push_back(filter);
        for (std::size_t i = 0; i < others; ++i) {
            group.parts.insert(before ? group.parts.begin() : group.parts.end(), is_id("u2"));
        }
        filter = {group};
    }
    return filter;
}

TEST_F(QueryAgreement, HoldsForTheDeepestFilters) {
    for (auto const join : {UserFilter::Join::And, UserFilter::Join::Or, UserFilter::Join::Nor}) {
        for (std::size_t const others : {0U, 1U, 2U}) {
            for (bool const before : {true, false}) {
                auto const given = answers({.filter = deep_filter(join, others, before)});
                EXPECT_EQ(given.at(0), given.at(1)) << others << before;
            }
        }
    }
}

/// Two groups of equal depth in each group: what cannot be written deepest first.
UserFilter bushy_filter(int depth) {
    if (depth == 0) {
        return is_id("u1");
    }
    return {UserFilter::Group{.join = UserFilter::Join::Nor,
                              .parts = {bushy_filter(depth - 1), bushy_filter(depth - 1)}}};
}

TEST_F(QueryAgreement, HoldsForTheBushiestFilter) {
    auto const given = answers({.filter = bushy_filter(5)});
    EXPECT_EQ(given.at(0), given.at(1));
}

TEST_F(QueryAgreement, HoldsForTheLongestListOfValues) {
    domain::UserCondition condition = {
        .field = UserField::Id, .custom_key = {}, .comparison = Comparison::In, .values = {}};
    for (std::size_t i = 0; i < domain::kFilterValuesMax; ++i) {
        condition.values.emplace_back("u" + std::to_string(i));
    }
    auto const given = answers({.filter = {condition}, .limit = domain::kQueryLimitMax});
    EXPECT_EQ(given.at(0), given.at(1));
    EXPECT_FALSE(given.at(0).empty());
}

// What filters mean, in words; that stores agree with it is tested above.

User sample() {
    auto user = test::plain_user("john-smith");
    user.name = "John van Smith";
    user.teams = {"red", "blue"};
    user.custom = {{"age", 41}, {"ratio", 0.5}, {"none", nullptr}, {"list", boost::json::array{1}}};
    return user;
}

struct Row {
    char const* what;
    UserField field;
    char const* key;
    Comparison comparison;
    std::vector<FilterValue> values;
    bool matches;
};

TEST(UserFilterMatches, FollowsTheRulesOfEachComparison) {
    using enum Comparison;
    std::string const none;
    Row const rows[] = {
        {"equal text", UserField::Id, "", Equal, {"john-smith"}, true},
        {"text of another case", UserField::Id, "", Equal, {"John-smith"}, false},
        {"number against text", UserField::Id, "", Equal, {std::int64_t{1}}, false},
        {"not equal by type", UserField::Id, "", NotEqual, {std::int64_t{1}}, true},
        {"unset equals nothing", UserField::Language, "", Equal, {none}, false},
        {"unset differs from all", UserField::Language, "", NotEqual, {none}, true},
        {"unset is not less", UserField::LastActive, "", Less, {test::kNow}, false},
        {"unset is in no list's absence", UserField::LastActive, "", NotIn, {test::kNow}, true},
        {"exists", UserField::Name, "", Exists, {true}, true},
        {"exists not", UserField::Name, "", Exists, {false}, false},
        {"unset exists not", UserField::Language, "", Exists, {false}, true},
        {"instant at the limit", UserField::CreatedAt, "", LessOrEqual, {test::kNow}, true},
        {"instant past the limit", UserField::CreatedAt, "", Less, {test::kNow}, false},
        {"any team", UserField::Teams, "", In, {"green", "blue"}, true},
        {"no team", UserField::Teams, "", NotIn, {"green", "blue"}, false},
        {"teams have no order", UserField::Teams, "", GreaterOrEqual, {"a"}, false},
        {"nobody is banned", UserField::Banned, "", Equal, {false}, true},
        {"nobody is banned, again", UserField::Banned, "", Equal, {true}, false},
        {"whole against fraction", UserField::Custom, "age", Greater, {40.5}, true},
        {"number of another kind", UserField::Custom, "age", Equal, {41.0}, true},
        {"number against text of it", UserField::Custom, "age", Equal, {"41"}, false},
        {"null is unset", UserField::Custom, "none", Exists, {false}, true},
        {"list is set", UserField::Custom, "list", Exists, {true}, true},
        {"list equals nothing", UserField::Custom, "list", Equal, {std::int64_t{1}}, false},
        {"first word", UserField::Name, "", Autocomplete, {"jOHN"}, true},
        {"last word", UserField::Name, "", Autocomplete, {"smi"}, true},
        {"several words", UserField::Name, "", Autocomplete, {"van s"}, true},
        {"inside of a word", UserField::Name, "", Autocomplete, {"ohn"}, false},
        {"percent is no wildcard", UserField::Name, "", Autocomplete, {"%"}, false},
        {"only name and id complete", UserField::Role, "", Autocomplete, {"us"}, false},
    };
    for (auto const& row : rows) {
        domain::UserCondition const condition = {.field = row.field,
                                                 .custom_key = row.key,
                                                 .comparison = row.comparison,
                                                 .values = row.values};
        EXPECT_EQ(domain::matches({condition}, sample()), row.matches) << row.what;
    }
}

TEST(UserFilterMatches, JoinsFilters) {
    auto const yes = is_id("john-smith");
    auto const no = is_id("jane");
    auto const joined = [](UserFilter::Join join, std::vector<UserFilter> parts) {
        return domain::matches({UserFilter::Group{join, std::move(parts)}}, sample());
    };
    EXPECT_TRUE(joined(UserFilter::Join::And, {}));
    EXPECT_FALSE(joined(UserFilter::Join::Or, {}));
    EXPECT_TRUE(joined(UserFilter::Join::Nor, {}));
    EXPECT_TRUE(joined(UserFilter::Join::And, {yes, yes}));
    EXPECT_FALSE(joined(UserFilter::Join::And, {yes, no}));
    EXPECT_TRUE(joined(UserFilter::Join::Or, {no, yes}));
    EXPECT_FALSE(joined(UserFilter::Join::Or, {no, no}));
    EXPECT_TRUE(joined(UserFilter::Join::Nor, {no, no}));
    EXPECT_FALSE(joined(UserFilter::Join::Nor, {no, yes}));
}

}  // namespace
}  // namespace latchkey
