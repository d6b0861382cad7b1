#include "server/settings.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <utility>

namespace latchkey::server {
namespace {

class LoadSettingsTest : public testing::Test {
protected:
    test::TemporaryDirectory directory;
    std::map<std::string, std::string> flags;
    std::map<std::string, std::string> environment;

    std::expected<Settings, SettingError> load() { return load_with_file(""); }
    std::expected<Settings, SettingError> load_with_file(std::string const& text) {
        auto const path = write("latchkey.toml", text);
        return load_settings({.flags = flags,
                              .environment =
                                  [this](std::string const& name) {
                                      auto const found = environment.find(name);
                                      return found == environment.end()
                                                 ? std::nullopt
                                                 : std::optional(found->second);
                                  },
                              .config_file = path});
    }
    std::filesystem::path write(std::string const& name, std::string const& text) {
        auto const path = directory.path() / name;
        std::ofstream(path) << text;
        return path;
    }
};

TEST_F(LoadSettingsTest, StartsFromLoopbackDefaults) {
    auto const settings = load();
    EXPECT_EQ(settings->listen.host, "127.0.0.1");
    EXPECT_EQ(settings->listen.port, 8080);
    EXPECT_EQ(settings->admin_listen.port, 8081);
    EXPECT_TRUE(settings->empty_app_patch_undoes_revocation);
}

TEST_F(LoadSettingsTest, PutsFlagOverEnvironmentOverFile) {
    std::string const file = "listen = \"127.0.0.1:1\"\n";
    EXPECT_EQ(load_with_file(file)->listen.port, 1);
    environment["LATCHKEY_LISTEN"] = "127.0.0.1:2";
    EXPECT_EQ(load_with_file(file)->listen.port, 2);
    flags["listen"] = "127.0.0.1:3";
    EXPECT_EQ(load_with_file(file)->listen.port, 3);
}

TEST_F(LoadSettingsTest, ReadsEveryKindOfValueFromTheFile) {
    auto const settings = load_with_file(
        "loops = 3\nlog_format = \"json\"\nempty_app_patch_undoes_revocation = false\n");
    EXPECT_EQ(settings->loops, 3U);
    EXPECT_EQ(settings->log_format, LogFormat::Json);
    EXPECT_FALSE(settings->empty_app_patch_undoes_revocation);
}

TEST_F(LoadSettingsTest, ReadsTokenProvidersFromTheFile) {
    auto const settings = load_with_file(
        "loops = 3\n[token_provider.idp]\ntype = \"oidc\"\napp = \"key\"\n"
        "issuer = \"https://id.example.com\"\naudience = \"app\"\n");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->loops, 3U);
    EXPECT_EQ(settings->token_providers.front().name, "idp");
    auto const error = load_with_file("[token_providers.idp]\n").error().message;
    EXPECT_NE(error.find("was token_provider meant?"), std::string::npos) << error;
}

TEST_F(LoadSettingsTest, WantsIssuerAndClientOfOperatorsSignInTogether) {
    EXPECT_FALSE(load()->admin_oidc);
    environment = {{"LATCHKEY_ADMIN_OIDC_ISSUER", "https://id.example.com"}};
    EXPECT_FALSE(load());
    environment["LATCHKEY_ADMIN_OIDC_CLIENT_ID"] = "dashboard";
    environment["LATCHKEY_ADMIN_OIDC_CLIENT_SECRET"] = "secret";
    environment["LATCHKEY_ADMIN_PUBLIC_URL"] = "https://admin.example.com";
    auto const settings = load();
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->admin_oidc->name, "id.example.com");
    EXPECT_EQ(settings->admin_oidc->public_url, "https://admin.example.com");
    EXPECT_EQ(settings->admin_oidc->client_secret->reveal(), "secret");
    for (auto const& [name, value] :
         {std::pair{"LATCHKEY_ADMIN_OIDC_ISSUER", "http://id.example.com"},
          {"LATCHKEY_ADMIN_PUBLIC_URL", "https://admin.example.com/"},
          {"LATCHKEY_ADMIN_PUBLIC_URL", "admin.example.com"}}) {
        auto const kept = std::exchange(environment[name], value);
        EXPECT_FALSE(load()) << value;
        environment[name] = kept;
    }
}

TEST_F(LoadSettingsTest, NamesTheSettingThatAnUnknownKeyWasMeantToBe) {
    auto const error = load_with_file("lissen = \"127.0.0.1:1\"\n").error().message;
    EXPECT_NE(error.find("lissen"), std::string::npos);
    EXPECT_NE(error.find("was listen meant?"), std::string::npos);
}

TEST_F(LoadSettingsTest, NamesWhereABadValueCameFrom) {
    for (auto const& [name, value] : {std::pair{"LATCHKEY_LISTEN", "8080"},
                                      {"LATCHKEY_LISTEN", "127.0.0.1:65536"},
                                      {"LATCHKEY_LISTEN", "::1:8080"},
                                      {"LATCHKEY_LOOPS", "many"},
                                      {"LATCHKEY_LOOPS", "257"},
                                      {"LATCHKEY_RATE_LIMIT_MULTIPLIER", "0"},
                                      {"LATCHKEY_RATE_LIMIT_MULTIPLIER", "10001"},
                                      {"LATCHKEY_LOG_FORMAT", "xml"},
                                      {"LATCHKEY_LOG_LEVEL", "loud"},
                                      {"LATCHKEY_APP_MODE", "test"},
                                      {"LATCHKEY_MASTER_KEY", "short"},
                                      {"LATCHKEY_DATA", ""},
                                      {"LATCHKEY_ADMIN_HOSTS", "admin.example.com:443"},
                                      {"LATCHKEY_EMPTY_APP_PATCH_UNDOES_REVOCATION", "perhaps"}}) {
        environment = {{name, value}};
        auto const settings = load();
        ASSERT_FALSE(settings) << name << "=" << value;
        EXPECT_NE(settings.error().message.find(name), std::string::npos);
    }
}

TEST_F(LoadSettingsTest, CountsTheHostsOfTheAdminAddressesAmongItsNames) {
    environment["LATCHKEY_ADMIN_LISTEN"] = "inside.example:8081";
    EXPECT_TRUE(load()->admin_hosts.contains("inside.example:8081"));
    EXPECT_FALSE(load()->admin_hosts.contains("admin.example.com"));
    auto const settings = load_with_file("admin_hosts = \"admin.example.com, latchkey\"\n");
    for (auto const* host : {"inside.example", "admin.example.com", "latchkey", "localhost"}) {
        EXPECT_TRUE(settings->admin_hosts.contains(host)) << host;
    }
    environment["LATCHKEY_ADMIN_PUBLIC_URL"] = "https://public.example.com";
    EXPECT_TRUE(load()->admin_hosts.contains("public.example.com"));
}

TEST_F(LoadSettingsTest, WantsKeyAndSecretTogether) {
    environment = {{"LATCHKEY_API_KEY", "key"}};
    EXPECT_FALSE(load());
    environment["LATCHKEY_API_SECRET"] = "secret";
    auto const settings = load();
    EXPECT_EQ(settings->api_key->text(), "key");
    EXPECT_EQ(settings->api_secret->reveal(), "secret");
}

TEST_F(LoadSettingsTest, ReadsASecretFromAFileWithoutItsLineBreak) {
    environment = {{"LATCHKEY_API_KEY", "key"},
                   {"LATCHKEY_API_SECRET_FILE", write("secret", "the secret\n").string()}};
    EXPECT_EQ(load()->api_secret->reveal(), "the secret");
    environment["LATCHKEY_API_SECRET_FILE"] = (directory.path() / "absent").string();
    EXPECT_FALSE(load());
}

TEST_F(LoadSettingsTest, NeverPutsASecretIntoAnError) {
    environment = {{"LATCHKEY_MASTER_KEY", "not-a-key-but-secret"}};
    EXPECT_EQ(load().error().message.find("not-a-key-but-secret"), std::string::npos);
}

TEST_F(LoadSettingsTest, RefusesAFileThatIsNoToml) {
    EXPECT_FALSE(load_with_file("listen = "));
    EXPECT_FALSE(load_with_file("listen = [1, 2]\n"));
    EXPECT_TRUE(load_with_file("# nothing\n"));
}

TEST(ParseHostPort, ReadsNamesAddressesAndBrackets) {
    EXPECT_EQ(parse_host_port("localhost:80")->host, "localhost");
    EXPECT_EQ(parse_host_port("[::1]:80")->host, "::1");
    EXPECT_EQ(parse_host_port("0.0.0.0:65535")->port, 65535);
    for (auto const* text : {"", ":", ":80", "localhost", "localhost:", "localhost:x",
                             "localhost:-1", "::1:80", "localhost:80 "}) {
        EXPECT_FALSE(parse_host_port(text)) << text;
    }
}

TEST(NearestName, FindsTheWordThatWasMeantAndNothingFarther) {
    std::vector<std::string> const known = {"--listen", "--data", "--loops"};
    EXPECT_EQ(nearest_name("--listne", known), "--listen");
    EXPECT_EQ(nearest_name("--dta", known), "--data");
    EXPECT_EQ(nearest_name("zzzzzz", known), "");
}

}  // namespace
}  // namespace latchkey::server
