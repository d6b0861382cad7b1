#pragma once

#include "api/endpoint.hpp"
#include "api/node.hpp"
#include "api/operator.hpp"
#include "domain/node_state.hpp"
#include "domain/passwords.hpp"
#include "http/message.hpp"
#include "http/path_pattern.hpp"
#include "http/service.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/token/verifier.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <array>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <variant>

/// What a handler of the admin API is given, and what it comes to. The listener and the command
/// line, which also works on a store without a server, make the same calls.
namespace latchkey::api {

class LiveFeed;
class OperatorAccess;
class OperatorOidc;

/// Node state, for whoever asks about a token.
class TokenState {
public:
    virtual ~TokenState() = default;
    [[nodiscard]] virtual domain::NodeState::Reader read() = 0;
    [[nodiscard]] virtual token::Verifier& verifier() = 0;
};

/// What the calls of one loop have in common. All of it outlives the calls and their work.
struct AdminWorld {
    RandomSource& random;
    TokenState& tokens;
    domain::PasswordQueue& passwords;
    Node const* node = nullptr;        ///< null: no server runs on the store
    http::Loop* loop = nullptr;        ///< as `node`
    OperatorAccess* access = nullptr;  ///< as `node`
    LiveFeed* live = nullptr;          ///< as `node`
    OperatorOidc* oidc = nullptr;      ///< null: nobody signs in by an identity provider
};

/// One call, its caller known and allowed. Valid while the handler runs; what outlives it is
/// copied.
struct AdminCall {
    http::Request const& request;
    boost::json::object const& body;  ///< empty where the method has none
    std::array<std::string, http::kPathParametersMax> const& parameters;  ///< of the path, decoded
    Instant now;
    Operator const& caller;
    AdminWorld const& world;

    /// The API key that stands in the path, as it was given.
    [[nodiscard]] std::string const& key() const { return parameters[0]; }
    /// Null: nobody is connected.
    [[nodiscard]] Presence const* presence() const {
        return world.node == nullptr ? nullptr : &world.node->presence;
    }
};

/// What an answer comes from at last: it may be a whole response, where its shape is its own.
using LateAdminReply =
    std::expected<std::variant<Answer, StoreWork, http::Response>, wire::ApiError>;

/// Work that neither the loop nor the store's thread should do, such as checking a password. It is
/// started on the loop and calls `go_on` once, there again, or drops it: then the caller gets 500.
using GoOn = std::move_only_function<void(LateAdminReply)>;
using Detour = std::move_only_function<void(GoOn go_on)>;

/// What a handler comes to at once. A conversation wants a WebSocket (426 where none is asked for).
using AdminReply = std::expected<
    std::variant<Answer, StoreWork, http::Response, Detour, std::unique_ptr<http::Conversation>>,
    wire::ApiError>;

using AdminHandler = AdminReply(AdminCall const& call);

}  // namespace latchkey::api
