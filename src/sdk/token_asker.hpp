#pragma once

#include <expected>
#include <functional>
#include <string>

namespace latchkey::sdk {

using ProvidedToken = std::expected<std::string, std::string>;

/// Where fresh tokens come from. Belongs to the network's thread.
class TokenAsker {
public:
    using Answered = std::move_only_function<void(ProvidedToken)>;

    /// What was asked is not answered any more.
    virtual ~TokenAsker() = default;
    /// One question at a time. `answered` is called on the network's thread, once or, where the
    /// provider hangs, never; not from inside this call.
    virtual void ask(std::string const& user_id, Answered answered) = 0;
};

}  // namespace latchkey::sdk
