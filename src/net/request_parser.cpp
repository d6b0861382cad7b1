#include "net/request_parser.hpp"

#include "http/ascii.hpp"
#include "http/limits.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <limits>

namespace latchkey::net {
namespace {

namespace beast = boost::beast;
using BeastError = beast::http::error;
using ErrorCode = beast::error_code;

constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// What is kept of a body's memory from one request to the next.
constexpr std::size_t kKeptBodyBytes = std::size_t{16} * 1024;

std::string_view view(beast::string_view s) { return {s.data(), s.size()}; }
std::string_view view(std::span<char const> s) { return {s.data(), s.size()}; }

std::unexpected<http::HeadError> refused(int status, std::string_view why) {
    return std::unexpected(http::HeadError{.status = status, .why = why});
}

/// RFC 9112 section 5.2: `obs-fold`.
bool has_fold(std::string_view head) {
    for (auto at = head.find('\n'); at + 1 < head.size(); at = head.find('\n', at + 1)) {
        if (head[at + 1] == ' ' || head[at + 1] == '\t') {
            return true;
        }
    }
    return false;
}

http::HeadError to_head_error(ErrorCode const& error, std::string_view head) {
    if (error == BeastError::body_limit) {
        return {.status = 413, .why = "the body is too large"};
    }
    if (error == BeastError::bad_version) {
        int const status = http::refused_line_status(head.substr(0, head.find('\r')));
        return {.status = status, .why = "the request line is not one of HTTP/1.0 or HTTP/1.1"};
    }
    if (error == BeastError::bad_content_length || error == BeastError::bad_transfer_encoding ||
        error == BeastError::multiple_content_length) {
        return {.status = 400, .why = "the length of the body is not clear"};
    }
    return {.status = 400, .why = "the request is malformed"};
}

}  // namespace

/// Receives what Beast finds.
class RequestParser::Parser final : public beast::http::basic_parser<true> {
public:
    explicit Parser(RequestParser& owner) : owner_(owner) {
        // The end of the head was found before: Beast is never shown more than that.
        header_limit(std::numeric_limits<std::uint32_t>::max());
        body_limit(http::kBodyBytesMax);
    }

private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                         int version, ErrorCode&) override {
        owner_.head_.method = view(method);
        owner_.head_.target = view(target);
        owner_.head_.version = version == 10 ? http::Version::Http10 : http::Version::Http11;
    }

    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       ErrorCode&) override {
        // One more than allowed is enough to know. Trailer fields are dropped (RFC 9110 section
        // 6.5.1): what was decided by the head stays decided.
        if (is_header_done() || owner_.fields_.size() > http::kHeaderFieldsMax) {
            return;
        }
        owner_.fields_.push_back({.name = view(name), .value = view(value)});
    }

    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, ErrorCode&) override {}

    std::size_t on_body_impl(beast::string_view body, ErrorCode&) override {
        owner_.body_.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, beast::string_view, ErrorCode&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, ErrorCode&) override {
        owner_.body_.append(body.data(), body.size());
        return body.size();
    }

    void on_response_impl(int, beast::string_view, int, ErrorCode&) override {}
    void on_finish_impl(ErrorCode&) override {}

    RequestParser& owner_;
};

RequestParser::RequestParser() = default;
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
    searched_ = 0;
    leading_line_ends_ = 0;
    head_ = {};
    facts_ = {};
    fields_.clear();
    body_.clear();
    if (body_.capacity() > kKeptBodyBytes) {
        body_ = {};
    }
    parser_.reset();
}

RequestParser::Result RequestParser::read_head(std::span<char const>& input) {
    while (searched_ == 0 && leading_line_ends_ < kLeadingLineEndsMax &&
           view(input).starts_with("\r\n")) {
        input = input.subspan(2);
        ++leading_line_ends_;
    }
    auto const text = view(input);
    auto const from = searched_ < kHeadEnd.size() ? 0 : searched_ - (kHeadEnd.size() - 1);
    auto const end = text.find(kHeadEnd, from);
    auto const size = end == text.npos ? text.size() : end + kHeadEnd.size();
    if (size > http::kHeaderBytesMax) {
        return refused(431, "the header is too large");
    }
    if (end == text.npos) {
        if (auto const started = check_start(text); !started) {
            return std::unexpected(started.error());
        }
        searched_ = text.size();
        return Progress::NeedInput;
    }
    auto const head = input.first(size);
    input = input.subspan(size);
    return parse_head(head);
}

/// What never becomes a request is refused at once, not when its time is up: a TLS greeting, and
/// lines that end in a bare LF.
std::expected<void, http::HeadError> RequestParser::check_start(std::string_view text) const {
    if (!text.empty() && text != "\r" && !http::is_token_character(text.front())) {
        return refused(400, "this is not HTTP");
    }
    for (auto at = text.find('\n', searched_); at != text.npos; at = text.find('\n', at + 1)) {
        if (at == 0 || text[at - 1] != '\r') {
            return refused(400, "a line ends in a bare LF");
        }
    }
    return {};
}

RequestParser::Result RequestParser::parse_head(std::span<char const> head) {
    parser_ = std::make_unique<Parser>(*this);
    ErrorCode error;
    auto const used = parser_->put(boost::asio::buffer(head.data(), head.size()), error);
    if (error) {
        return std::unexpected(to_head_error(error, view(head)));
    }
    if (used != head.size() || !parser_->is_header_done()) {
        return refused(400, "the request is malformed");
    }
    head_.fields = fields_;
    head_.folded = has_fold(view(head));  // Beast joins the parts, and does not tell
    auto facts = http::check_head(head_);
    if (!facts) {
        return std::unexpected(facts.error());
    }
    facts_ = *facts;
    return Progress::Head;
}

RequestParser::Result RequestParser::read_body(std::span<char const>& input) {
    parser_->eager(true);
    ErrorCode error;
    if (!parser_->is_done()) {
        auto const used = parser_->put(boost::asio::buffer(input.data(), input.size()), error);
        input = input.subspan(used);
    }
    if (error && error != BeastError::need_more) {
        return std::unexpected(to_head_error(error, {}));
    }
    if (parser_->is_done()) {
        return Progress::Body;
    }
    if (input.size() > kChunkLineBytesMax) {
        return refused(400, "a chunk's head or trailer is too large");
    }
    return Progress::NeedInput;
}

http::Request RequestParser::request() const noexcept {
    return {.method = facts_.method,
            .target = head_.target,
            .path = facts_.path,
            .query = facts_.query,
            .fields = fields_,
            .body = body_,
            .peer_address = {}};
}

}  // namespace latchkey::net
