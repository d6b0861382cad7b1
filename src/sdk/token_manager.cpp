#include "sdk/token_manager.hpp"

#include "sdk/answers.hpp"
#include "sdk/unchecked_claims.hpp"

#include <latchkey/sdk/user_client.hpp>

#include <utility>

namespace latchkey::sdk {
namespace {

Error provider_error(std::string message) {
    return {.kind = Error::Kind::TokenProvider, .message = std::move(message), .may_retry = true};
}

Error refused_error() {
    return {.kind = Error::Kind::TokenRefused,
            .code = kTokenExpiredCode,
            .http_status = 401,
            .message = "the server refused " + std::to_string(UserClient::kRefusedTokensMax) +
                       " fresh tokens in a row as expired or revoked. Likely causes: the provider "
                       "hands out an old token again, the clock of the backend that signs them is "
                       "wrong, it signs for another app, or tokens were revoked with a date that "
                       "lies in the future"};
}

}  // namespace

TokenManager::TokenManager(SessionWorld& world, std::string user_id, Source source,
                           Listener& listener)
    : world_(world),
      user_id_(std::move(user_id)),
      listener_(listener),
      pauses_(world.random, kProviderPauses) {
    if (auto* const text = std::get_if<std::string>(&source)) {
        token_ = Credential{.token = std::move(*text), .number = ++number_};
    } else {
        asker_ = std::get<std::unique_ptr<TokenAsker>>(std::move(source));
    }
}

std::optional<Credential> TokenManager::take() {
    if (asker_ == nullptr) {
        return token_;  // the server says what is wrong with it, for there is nobody else to ask
    }
    if (token_ && has_expired()) {
        token_.reset();
    }
    if (!token_) {
        renew();
    }
    return token_;
}

bool TokenManager::has_expired() const {
    auto const now = world_.server_clock.now();
    return expires_at_ && now && *now >= *expires_at_;
}

void TokenManager::refused(std::uint64_t number) {
    if (!token_ || number != token_->number) {
        return;  // the one that is held, or on its way, is newer
    }
    void_token();
}

void TokenManager::void_token() {
    token_.reset();
    refusals_ = proven_ ? 0 : refusals_ + 1;
    if (refusals_ >= UserClient::kRefusedTokensMax) {
        return listener_.on_tokens_refused(refused_error());
    }
    pausing_ = pausing_ || refusals_ > 1;
    renew();
}

void TokenManager::accepted(std::uint64_t number) {
    if (token_ && number == token_->number && !proven_) {
        proven_ = true;
        refusals_ = 0;
        pausing_ = false;
        pauses_.reset();
    }
}

void TokenManager::renew() {
    if (is_renewing()) {
        return;
    }
    if (!pausing_) {
        return ask();
    }
    pause_ = world_.wait_for(next_pause(), [this] {
        pause_.reset();
        ask();
    });
}

std::chrono::milliseconds TokenManager::next_pause() {
    if (refusals_ < 2) {
        return pauses_.next();
    }
    auto const least = kRefusedTokenPause * (1 << (refusals_ - 2));
    return least + Backoff(world_.random, {.first = least, .max = least}).next();
}

void TokenManager::ask() {
    asking_ = true;
    // The call is not given up, as the provider is promised one call at a time: what it returns
    // late is as good.
    overdue_ = world_.wait_for(kProviderAnswerMax, [this] {
        overdue_.reset();
        listener_.on_token_failure(provider_error("the token provider has not answered for " +
                                                  std::to_string(kProviderAnswerMax.count()) +
                                                  " seconds"));
    });
    asker_->ask(user_id_, [this](ProvidedToken answer) { answered(std::move(answer)); });
}

void TokenManager::answered(ProvidedToken answer) {
    asking_ = false;
    overdue_.reset();
    if (!answer) {
        return failed(std::move(answer.error()));
    }
    auto const claims = read_unchecked_claims(*answer);
    if (!claims) {
        return failed("what the token provider returned is no token: " + claims.error());
    }
    if (claims->user_id != user_id_) {
        return failed("the token provider returned another user's token");
    }
    tries_ = 0;
    token_ = Credential{.token = std::move(*answer), .number = ++number_};
    expires_at_ = claims->expires_at;
    proven_ = false;
    if (has_expired()) {
        return void_token();  // the server would say no more than that
    }
    listener_.on_token();
}

void TokenManager::failed(std::string message) {
    pausing_ = true;
    if (tries_ < kProviderTriesMax) {
        ++tries_;
    }
    if (tries_ < kProviderTriesMax) {
        return renew();
    }
    listener_.on_token_failure(provider_error(std::move(message)));
}

}  // namespace latchkey::sdk
