#include "server/serve.hpp"

#include "api/admin_service.hpp"
#include "api/node.hpp"
#include "api/public_service.hpp"
#include "api/setup_code.hpp"
#include "api/static_files.hpp"
#include "api/token_provider/token_providers.hpp"
#include "domain/node_state.hpp"
#include "net/server.hpp"
#include "server/first_app.hpp"
#include "server/library_versions.hpp"
#include "server/local_access.hpp"
#include "server/outgoing_client.hpp"
#include "server/password_worker.hpp"
#include "server/spdlog_event_log.hpp"
#include "server/store_worker.hpp"
#include "server/version.hpp"
#include "server/welcome.hpp"
#include "storage/argon2_passwords.hpp"
#include "storage/sqlite/sqlite_store.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/random_source.hpp>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <thread>

namespace latchkey::server {
namespace {

constexpr std::size_t kCredentialCharacters = 48;  // 248 bits

/// SIGTERM and SIGINT, held back from every thread that starts from here on, to be waited for.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);  // a peer that has gone is an error of that write alone
    }
    [[nodiscard]] int wait() const {
        int signal = 0;
        sigwait(&set_, &signal);
        return signal;
    }
    /// From here on the next one ends the process at once.
    void release() const { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }

private:
    sigset_t set_{};
};

/// As many open files as the system lets us have: each connection is one.
void raise_open_files_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

std::size_t loop_count_of(Settings const& settings) {
    auto const cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
    return settings.loops == 0 ? std::min(cores, kLoopsMax) : settings.loops;
}

void fill_facts(api::ServerFacts& facts, Settings const& settings) {
    facts.version = kVersion;
    facts.data_directory = settings.data.string();
    facts.listen_host = settings.listen.host;
    facts.admin_listen_host = settings.admin_listen.host;
    for (auto const& library : kLibraryVersions) {
        facts.libraries.emplace_back(library.name, library.version);
    }
}

/// Whether anybody can sign in to the dashboard, or could once.
bool has_accounts(domain::Store& store) {
    bool found = false;
    std::array<domain::Job, 1> jobs = {[&](domain::Transaction& transaction) {
        found = !transaction.accounts().all().empty();
        return domain::Outcome::Rollback;
    }};
    (void)store.commit(jobs);  // that it fails is an exception
    return found;
}

/// Tells the log of providers that no token can come from.
void look_for_apps(api::TokenProviders const& providers, domain::NodeState const& state,
                   std::size_t slot, Instant now) {
    for (auto const& provider : providers.all()) {
        auto const& key = provider->settings().app.text();
        provider->note_app(state.read(slot).find_app(key) != nullptr, now);
    }
}

net::ServerOptions options_for(HostPort const& address, std::size_t loops) {
    net::ServerOptions options;
    options.listen.push_back({.host = address.host, .port = address.port});
    options.loops = loops;
    return options;
}

int run(Settings settings, SystemClock const& clock, SystemRandomSource& random, EventLog& log) {
    StopSignals const signals;
    raise_open_files_limit();

    auto const store = storage::SqliteStore::open(
        {.data_directory = settings.data, .master_key = std::move(settings.master_key)}, random,
        log);
    auto const first = ensure_first_app(*store, settings, clock.now(), random);
    if (!first) {
        fmt::print(stderr, "latchkey: {}\n", first.error());
        return 1;
    }

    auto const setup_code =
        has_accounts(*store) ? nullptr : std::make_unique<api::SetupCode>(random);

    auto const loops = loop_count_of(settings);
    auto const admin_slot = loops;  // the admin listener's one loop reads too
    domain::NodeState state(loops + 1, random);
    state.load(*store);

    std::atomic<bool> ready = false;
    StoreWorker worker(*store, state, log, ready);
    storage::Argon2Passwords hasher;
    PasswordWorker passwords(hasher, log);
    api::Presence presence;
    OutgoingClient outgoing;
    api::TokenProviders const token_providers(std::move(settings.token_providers), outgoing, clock,
                                              random, log);
    look_for_apps(token_providers, state, admin_slot, clock.now());
    std::optional<api::OperatorOidcSource> operator_oidc;
    if (settings.admin_oidc) {
        operator_oidc.emplace(*settings.admin_oidc, outgoing);
    }
    api::Readings const readings = {.empty_app_patch_undoes_revocation =
                                        settings.empty_app_patch_undoes_revocation};
    api::Node const node = {.state = state,
                            .store = worker,
                            .changes = worker,
                            .presence = presence,
                            .clock = clock,
                            .random = random,
                            .log = log,
                            .readings = readings,
                            .proxies = settings.trusted_proxies,
                            .passwords = passwords,
                            .ready = ready,
                            .loop_count = loops,
                            .rate_limits = settings.rate_limits,
                            .token_providers = &token_providers,
                            .operator_oidc = operator_oidc ? &*operator_oidc : nullptr};
    fill_facts(*node.facts, settings);
    Secret const credential(make_random_text(random, kCredentialCharacters));

    net::Server admin(options_for(settings.admin_listen, 1), log, clock,
                      [&](http::Loop& loop, std::size_t) -> std::unique_ptr<http::Service> {
                          return std::make_unique<api::AdminService>(
                              node, loop, admin_slot, credential, api::dashboard_files(),
                              setup_code.get(), settings.admin_hosts);
                      });
    net::Server server(options_for(settings.listen, loops), log, clock,
                       [&](http::Loop& loop, std::size_t index) -> std::unique_ptr<http::Service> {
                           return std::make_unique<api::PublicService>(node, loop, index);
                       });
    try {
        admin.start();
        server.start();
    } catch (...) {
        passwords.stop();
        worker.stop();
        take_back(*store, *first);
        throw;
    }
    node.facts->listen_port = server.bound_port();
    node.facts->admin_listen_port = admin.bound_port();
    ready = true;

    LocalAccessFile const access(settings.data, {.host = settings.admin_listen.host,
                                                 .port = admin.bound_port(),
                                                 .credential = credential.clone()});
    auto const listen = api::format_address(settings.listen.host, server.bound_port());
    auto const admin_listen = api::format_address(settings.admin_listen.host, admin.bound_port());
    log.write(LogLevel::Info, "server.started",
              {{"version", kVersion},
               {"listen", listen},
               {"admin_listen", admin_listen},
               {"data", settings.data.string()},
               {"loops", loops}});
    fmt::print("{}", format_welcome({.public_url = "http://" + listen,
                                     .admin_url = "http://" + admin_listen,
                                     .first = *first,
                                     .has_dashboard = !api::dashboard_files().empty(),
                                     .setup_code = setup_code.get(),
                                     .data_directory = settings.data.string(),
                                     .may_show_secret =
                                         settings.show_secret || ::isatty(STDOUT_FILENO) == 1}));
    std::fflush(stdout);

    auto const signal = signals.wait();
    signals.release();
    log.write(LogLevel::Info, "server.stopping", {{"signal", signal}});
    ready = false;
    server.stop();
    admin.stop();
    server.join();
    admin.join();
    outgoing.stop();  // hands answers to the loops, which are destroyed from here on
    passwords.stop();
    token_providers.keep_records(worker, clock.now());
    worker.stop();
    log.write(LogLevel::Info, "server.stopped");
    return 0;
}

}  // namespace

int serve(Settings settings) {
    SystemClock const clock;
    SystemRandomSource random;
    SpdlogEventLog log(settings.log_format, settings.log_level, clock);
    try {
        return run(std::move(settings), clock, random, log);
    } catch (std::exception const& failure) {
        // A lost disk, a taken port, a locked directory: the texts say what to do and hold no
        // secret.
        fmt::print(stderr, "latchkey: {}\n", failure.what());
        return 1;
    }
}

}  // namespace latchkey::server
