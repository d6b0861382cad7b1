#include "oidc/jws.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

namespace latchkey::oidc {
namespace {

namespace fs = std::filesystem;

fs::path vectors() {
    auto const* given = std::getenv("LATCHKEY_VECTORS");  // NOLINT(concurrency-mt-unsafe)
    auto const folder = given != nullptr
                            ? fs::path(given)
                            : fs::path(LATCHKEY_SOURCE_DIR).parent_path() / "shared" / "vectors";
    return folder / "wycheproof" / "json_web_signature_test.json";
}

/// Whether it verifies under this one key.
bool accepts(boost::json::object const& jwk, std::string_view token) {
    auto const key = parse_jwk(jwk);
    auto const parsed = SignedToken::parse(token, kAlgorithms);
    if (!key || !parsed) {
        return false;
    }
    auto const keys = JwkSet::parse(boost::json::serialize(boost::json::object{{"keys", {jwk}}}));
    return parsed->verify(*keys).has_value();
}

TEST(WycheproofSignatures, AreJudgedAsTheirFileSays) {
    if (!fs::exists(vectors())) {
        std::cout << "left out: no JWS vectors; LATCHKEY_VECTORS names their folder\n";
        return;
    }
    std::ifstream stream(vectors(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    auto const file = boost::json::parse(text.str());
    int accepted = 0;
    int refused = 0;
    for (auto const& group : file.at("testGroups").as_array()) {
        auto const* jwk = group.as_object().if_contains("public");
        if (jwk == nullptr) {
            continue;
        }
        for (auto const& test : group.at("tests").as_array()) {
            auto const& jws = test.at("jws");
            auto const token =
                jws.is_string() ? std::string(jws.as_string()) : boost::json::serialize(jws);
            bool const good = accepts(jwk->as_object(), token);
            (good ? accepted : refused) += 1;
            // What is valid there may be of an algorithm that is none of ours; and an empty payload
            // (259) is a JWS, but holds no claims.
            constexpr std::int64_t kEmptyPayload = 259;
            auto const* name = jwk->as_object().if_contains("alg");
            bool const ours = name != nullptr && parse_algorithm(name->as_string()).has_value() &&
                              test.at("tcId") != kEmptyPayload;
            if (good != (test.at("result").as_string() == "valid") && (good || ours)) {
                ADD_FAILURE() << test << (good ? " was accepted" : " was refused");
            }
        }
    }
    EXPECT_EQ(accepted, 9);
    EXPECT_GE(refused, 300);
}

}  // namespace
}  // namespace latchkey::oidc
