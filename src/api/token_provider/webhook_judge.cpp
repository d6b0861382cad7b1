#include "api/token_provider/webhook_judge.hpp"

#include "wire/json.hpp"

#include <optional>
#include <utility>

namespace latchkey::api {
namespace {

using Outcome = std::expected<OutgoingResponse, OutgoingFailure>;

std::string to_hex(std::span<std::uint8_t const> bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (auto const byte : bytes) {
        text += kHex[byte >> 4U];
        text += kHex[byte & 15U];
    }
    return text;
}

/// Whether the same question may be put again: it cannot have arrived, or nobody worked on it.
bool may_ask_again(Outcome const& outcome) {
    if (!outcome) {
        return outcome.error() == OutgoingFailure::NotConnected;
    }
    return outcome->status == 502 || outcome->status == 503 || outcome->status == 504;
}

}  // namespace

std::string sign_webhook(token::HmacKey const& key, Instant now, std::string_view body) {
    auto const seconds =
        std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    auto const mac = key.mac(seconds + '.' + std::string(body));
    return "t=" + seconds + ",v1=" + to_hex(mac);
}

/// One proof on its way. It belongs to one thread at a time.
struct WebhookJudge::Question {
    OutgoingRequest request;
    std::chrono::steady_clock::time_point deadline;
    std::move_only_function<void(JudgedProof)> judged;
    std::size_t tries = 0;
    std::shared_ptr<std::atomic<std::size_t>> under_way;

    Question(OutgoingRequest made, std::chrono::steady_clock::time_point until,
             std::move_only_function<void(JudgedProof)> then,
             std::shared_ptr<std::atomic<std::size_t>> counter)
        : request(std::move(made)),
          deadline(until),
          judged(std::move(then)),
          under_way(std::move(counter)) {}
    Question(Question const&) = delete;
    Question& operator=(Question const&) = delete;
    ~Question() { --*under_way; }
};

WebhookJudge::WebhookJudge(TokenProviderSettings const& settings, OutgoingHttp& http,
                           Clock const& clock, RandomSource& random, EventLog& log)
    : settings_(settings),
      source_(std::get<WebhookSource>(settings.source)),
      http_(http),
      clock_(clock),
      random_(random),
      log_(log),
      key_(source_.secret.reveal()) {}

void WebhookJudge::judge(Proof proof, std::move_only_function<void(JudgedProof)> judged) {
    if (!proof.body.empty()) {
        if (auto const body = wire::parse_json_object(proof.body); !body) {
            judged(std::unexpected(wire::input_error(std::string(wire::describe(body.error())))));
            return;
        }
    }
    if (++*under_way_ > kUnderWayMax) {
        --*under_way_;
        judged(std::unexpected(fail("too many questions wait for the service")));
        return;
    }
    OutgoingRequest request{.url = source_.url,
                            .method = "POST",
                            .fields = {{"Content-Type", "application/json"},
                                       {"Accept", "application/json"},
                                       {"Idempotency-Key", make_uuid(random_)},
                                       {"X-Latchkey-Provider", settings_.name},
                                       {"X-Latchkey-App", settings_.app.text()}},
                            .body = proof.body.empty() ? "{}" : std::move(proof.body),
                            .ca_file = settings_.ca_file};
    if (!proof.authorization.empty()) {
        request.fields.emplace_back("Authorization", std::move(proof.authorization));
    }
    if (!proof.address.empty()) {
        request.fields.emplace_back("X-Forwarded-For", std::move(proof.address));
    }
    for (auto& field : proof.fields) {
        request.fields.push_back(std::move(field));
    }
    ask(std::make_shared<Question>(std::move(request), clock_.monotonic() + source_.deadline,
                                   std::move(judged), under_way_));
}

void WebhookJudge::ask(std::shared_ptr<Question> question) {
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(question->deadline -
                                                                            clock_.monotonic());
    if (left <= std::chrono::milliseconds(0)) {
        question->judged(std::unexpected(fail(describe(OutgoingFailure::TimedOut))));
        return;
    }
    ++question->tries;
    auto request = question->request;
    // Signed for each try anew: the time is what is checked of it first.
    request.fields.emplace_back("X-Latchkey-Signature",
                                sign_webhook(key_, clock_.now(), request.body));
    http_.send(std::move(request), left,
               [this, question](Outcome const& outcome) { on_outcome(question, outcome); });
}

void WebhookJudge::on_outcome(std::shared_ptr<Question> question, Outcome const& outcome) {
    if (may_ask_again(outcome) && question->tries <= kPauses.size()) {
        auto const pause = kPauses.at(question->tries - 1);
        if (clock_.monotonic() + pause < question->deadline) {
            http_.after(pause, [this, question] { ask(question); });
            return;
        }
    }
    question->judged(read(outcome));
}

JudgedProof WebhookJudge::read(Outcome const& outcome) const {
    if (!outcome) {
        return std::unexpected(fail(describe(outcome.error())));
    }
    if (outcome->status == 401 || outcome->status == 403) {
        return std::unexpected(
            proof_refused("the service behind this token provider refused the credentials"));
    }
    if (outcome->status != 200) {
        return std::unexpected(fail("its status is " + std::to_string(outcome->status)));
    }
    if (outcome->body.size() > kAnswerBytesMax) {
        return std::unexpected(fail("its answer is too long"));
    }
    auto user = user_of_answer(outcome->body, settings_);
    if (!user) {
        return std::unexpected(fail(user.error()));
    }
    return *std::move(user);
}

wire::ApiError WebhookJudge::fail(std::string_view why) const {
    log_.write(LogLevel::Warning, "token_provider.webhook_failed",
               {{"provider", settings_.name}, {"why", why}});
    return judge_failed(
        "the service behind this token provider did not answer as it should; try again later");
}

}  // namespace latchkey::api
