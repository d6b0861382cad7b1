#pragma once

#include "api/token_provider/provided_user.hpp"

#include <latchkey/wire/api_error.hpp>

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::api {

inline constexpr std::size_t kProofBodyBytesMax = std::size_t{64} * 1024;  ///< -> 413/22

/// What a caller shows for a token, taken out of its request.
struct Proof {
    std::string authorization{};  ///< the field as it came; empty: none
    std::string body{};           ///< a JSON object, or empty
    std::vector<std::pair<std::string, std::string>> fields{};  ///< those that are forwarded
    std::string address{};  ///< where it came from, as far as it is known
};

using JudgedProof = std::expected<ProvidedUser, wire::ApiError>;

/// Says whose a proof is.
class ProofJudge {
public:
    virtual ~ProofJudge() = default;
    /// `judged` is called once: inside this call, or later on the network's thread. Thread-safe.
    virtual void judge(Proof proof, std::move_only_function<void(JudgedProof)> judged) = 0;
};

/// 401/5: never 40, upon which SDKs ask for the next token at once, and again.
[[nodiscard]] wire::ApiError proof_refused(std::string message);
/// 502/-1: whoever judges proofs cannot be asked, or does not answer as it should.
[[nodiscard]] wire::ApiError judge_failed(std::string message);

}  // namespace latchkey::api
