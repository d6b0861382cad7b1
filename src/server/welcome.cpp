#include "server/welcome.hpp"

#include <fmt/format.h>

namespace latchkey::server {
namespace {

/// A shell command that connects Stream's own SDK and makes a call. It works in a folder of its own
/// and leaves nothing else behind.
constexpr std::string_view kTryOut = R"(
  Try it (needs Node.js): paste this into another terminal.

    mkdir -p latchkey-try && cd latchkey-try && npm install --silent --no-fund --no-audit stream-chat
    API_KEY='{key}' API_SECRET='{secret}' BASE_URL='{url}' node -e '
      const {{ StreamChat }} = require("stream-chat"), e = process.env;
      (async () => {{
        const backend = new StreamChat(e.API_KEY, e.API_SECRET, {{ baseURL: e.BASE_URL }});
        const now = Math.floor(Date.now() / 1000), token = backend.createToken("john", now + 3600, now);
        const client = new StreamChat(e.API_KEY, {{ baseURL: e.BASE_URL, allowServerSideConnect: true }});
        const {{ me }} = await client.connectUser({{ id: "john", name: "John" }}, token);
        const {{ users }} = await client.queryUsers({{ id: "john" }});
        console.log("connected as", me.id, "- the API knows", users[0].name);
        await client.disconnectUser();
      }})().catch((error) => {{ console.error(error.message); process.exit(1); }});'
)";

/// Where a browser on this machine goes: of the address that means all of them, loopback.
std::string url_to_open(std::string_view url) {
    constexpr std::string_view kAllV4 = "http://0.0.0.0:";
    constexpr std::string_view kAllV6 = "http://[::]:";
    if (url.starts_with(kAllV4)) {
        return fmt::format("http://127.0.0.1:{}", url.substr(kAllV4.size()));
    }
    if (url.starts_with(kAllV6)) {
        return fmt::format("http://[::1]:{}", url.substr(kAllV6.size()));
    }
    return std::string(url);
}

std::string_view secret_of(Welcome const& welcome) {
    auto const& app = welcome.first.app;
    if (app && welcome.first.origin == FirstApp::Origin::Generated && welcome.may_show_secret) {
        return app->signing_secret().secret.reveal();
    }
    return "YOUR-API-SECRET";
}

std::string format_app(Welcome const& welcome) {
    auto const& app = welcome.first.app;
    if (!app) {
        return {};
    }
    auto text = fmt::format("  API key     {}  ({} mode)\n", app->api_key.text(),
                            app->mode == domain::Mode::Development ? "development" : "production");
    if (welcome.first.origin == FirstApp::Origin::Generated) {
        text += welcome.may_show_secret
                    ? fmt::format(
                          "  API secret  {}\n"
                          "              shown this once: keep it where your backend reads it\n",
                          secret_of(welcome))
                    : std::string(
                          "  API secret  not shown, for this is no terminal: start on an empty "
                          "store with --show-secret,\n"
                          "              or make an app with `latchkey app create`\n");
    }
    return text;
}

/// Where operators go. The code travels in the fragment: a browser sends that to nobody.
std::string format_dashboard(Welcome const& welcome) {
    auto const url = url_to_open(welcome.admin_url);
    if (!welcome.has_dashboard) {
        auto text =
            fmt::format("  Admin API   {}  (for operators; `latchkey app list` uses it)\n", url);
        if (welcome.setup_code != nullptr && welcome.may_show_secret) {
            text += fmt::format("              set-up code {}\n", welcome.setup_code->reveal());
        }
        return text;
    }
    if (welcome.setup_code == nullptr) {
        return fmt::format("  Dashboard   {}\n", url);
    }
    if (!welcome.may_show_secret) {
        return fmt::format(
            "  Dashboard   {}\n"
            "              nobody can sign in yet: `latchkey admin create NAME` makes an account\n",
            url);
    }
    auto const code = welcome.setup_code->reveal();
    return fmt::format(
        "  Dashboard   {}/#/setup?code={}\n"
        "              open this once to make your account; set-up code {}\n",
        url, code, code);
}

}  // namespace

std::string format_welcome(Welcome const& welcome) {
    auto const public_url = url_to_open(welcome.public_url);
    auto text = fmt::format(
        "\nLatchkey is up.\n\n"
        "  Public API  {}\n"
        "{}"
        "  Data        {}\n",
        public_url, format_dashboard(welcome), welcome.data_directory);
    text += format_app(welcome);
    if (welcome.first.app) {
        text +=
            fmt::format(fmt::runtime(kTryOut), fmt::arg("key", welcome.first.app->api_key.text()),
                        fmt::arg("secret", secret_of(welcome)), fmt::arg("url", public_url));
    }
    text += "\n  Stop it with Ctrl-C.\n\n";
    return text;
}

}  // namespace latchkey::server
