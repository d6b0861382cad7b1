#pragma once

#include "sdk/network.hpp"
#include "sdk/token_asker.hpp"

#include <latchkey/sdk/user_client.hpp>

#include <memory>
#include <string>

namespace latchkey::sdk {

/// Asks the application's token provider, on a thread that serves nothing else.
///
/// Destroying it waits for no provider: where one is in its call, that thread is left to itself,
/// and what it returns goes nowhere. Else the thread, and with it the provider, is gone when the
/// destructor returns.
class ProviderThread final : public TokenAsker {
public:
    /// `network` outlives this object, not the thread.
    ProviderThread(TokenProvider provider, Network& network);
    ~ProviderThread() override;
    ProviderThread(ProviderThread const&) = delete;
    ProviderThread& operator=(ProviderThread const&) = delete;

    void ask(std::string const& user_id, Answered answered) override;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace latchkey::sdk
