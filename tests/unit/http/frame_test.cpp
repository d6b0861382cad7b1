#include "http/frame.hpp"

#include "http/limits.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::http {
namespace {

using Kind = FrameEvent::Kind;

/// An event that stands on its own.
struct Seen {
    Kind kind;
    std::uint16_t code = 0;
    std::string payload;

    bool operator==(Seen const&) const = default;
    friend void PrintTo(Seen const& seen, std::ostream* out) {
        *out << "kind " << static_cast<int>(seen.kind) << ", code " << seen.code << ", "
             << seen.payload.size() << " bytes";
    }
};

enum class Length : std::size_t { Minimal = 0, Wide2 = 2, Wide8 = 8 };

/// A masked frame; its length in a given width, or in the smallest that fits.
std::string frame(unsigned first_byte, std::string_view payload, Length length = Length::Minimal) {
    constexpr std::array<char, 4> kMask{0x37, '\xfa', 0x21, 0x3d};
    auto wide = static_cast<std::size_t>(length);
    if (length == Length::Minimal && payload.size() > 125) {
        wide = payload.size() <= 0xffff ? 2 : 8;
    }
    std::string out(1, static_cast<char>(first_byte));
    out += static_cast<char>(0x80 | (wide == 0 ? payload.size() : wide == 2 ? 126 : 127));
    for (; wide > 0; --wide) {
        out += static_cast<char>(payload.size() >> (8 * (wide - 1)));
    }
    out.append(kMask.data(), kMask.size());
    for (std::size_t i = 0; i < payload.size(); ++i) {
        out += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
    }
    return out;
}

std::string close_frame(unsigned code, std::string_view reason = {}) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    return frame(0x88, payload.append(reason));
}

/// Feeds `pieces` one after another; stops at the first error.
std::vector<Seen> decode(FrameDecoder& decoder, std::vector<std::string> pieces) {
    std::vector<Seen> seen;
    for (auto& piece : pieces) {
        std::span<char> input(piece);
        for (;;) {
            auto const event = decoder.next(input);
            if (event.kind == Kind::NeedInput) {
                EXPECT_TRUE(input.empty());
                break;
            }
            seen.push_back({event.kind, event.code, std::string(event.payload)});
            if (event.kind == Kind::Error) {
                return seen;
            }
        }
    }
    return seen;
}

std::vector<Seen> decode(std::string bytes) {
    FrameDecoder decoder;
    return decode(decoder, {std::move(bytes)});
}

Seen error(std::uint16_t code) { return {Kind::Error, code, {}}; }

struct Case {
    std::string title;
    std::string bytes;
    std::vector<Seen> events;
};

std::vector<Case> accepted_cases() {
    std::string const s125(125, 'a');
    std::string const s126(126, 'b');
    std::string const s65535(65535, 'c');
    std::string const s65536(65536, 'd');
    return {
        {"Text", frame(0x81, "hello"), {{Kind::Text, 0, "hello"}}},
        {"EmptyText", frame(0x81, ""), {{Kind::Text, 0, ""}}},
        {"Binary",
         frame(0x82, {"\0\xff\xfe", 3}),
         {{Kind::Binary, 0, std::string("\0\xff\xfe", 3)}}},
        {"Length125", frame(0x81, s125), {{Kind::Text, 0, s125}}},
        {"Length126", frame(0x81, s126), {{Kind::Text, 0, s126}}},
        {"Length65535", frame(0x81, s65535), {{Kind::Text, 0, s65535}}},
        {"Length65536", frame(0x81, s65536), {{Kind::Text, 0, s65536}}},
        {"Ping", frame(0x89, "abc"), {{Kind::Ping, 0, "abc"}}},
        {"PingOf125", frame(0x89, s125), {{Kind::Ping, 0, s125}}},
        {"UnaskedPong", frame(0x8a, "abc"), {{Kind::Pong, 0, "abc"}}},
        {"TwoMessages",
         frame(0x81, "a") + frame(0x81, "b"),
         {{Kind::Text, 0, "a"}, {Kind::Text, 0, "b"}}},
        {"Fragments",
         frame(0x01, "a") + frame(0x00, "b") + frame(0x80, "c"),
         {{Kind::Text, 0, "abc"}}},
        {"EmptyFragments",
         frame(0x01, "") + frame(0x00, "") + frame(0x80, ""),
         {{Kind::Text, 0, ""}}},
        {"CharacterAcrossFragments",
         frame(0x01, "\xc3") + frame(0x80, "\xa4"),
         {{Kind::Text, 0, "\xc3\xa4"}}},
        {"ControlBetweenFragments",
         frame(0x02, "a") + frame(0x89, "p") + frame(0x8a, "q") + frame(0x80, "b") +
             frame(0x81, "t"),
         {{Kind::Ping, 0, "p"},
          {Kind::Pong, 0, "q"},
          {Kind::Binary, 0, "ab"},
          {Kind::Text, 0, "t"}}},
        {"CloseBetweenFragments",
         frame(0x01, "a") + close_frame(1000, "bye"),
         {{Kind::Close, 1000, "bye"}}},
        {"CloseWithoutCode", frame(0x88, ""), {{Kind::Close, 1005, ""}}},
        {"CloseWithLongestReason",
         close_frame(4999, std::string(123, 'r')),
         {{Kind::Close, 4999, std::string(123, 'r')}}},
    };
}

std::vector<Case> refused_cases() {
    std::string const s126(126, 'b');
    std::vector<Case> cases{
        {"NotMasked", "\x81\x05hello", {error(1002)}},
        {"ControlInFragments", frame(0x09, "z"), {error(1002)}},
        {"PingOf126", frame(0x89, s126), {error(1002)}},
        {"CloseOf126", frame(0x88, s126), {error(1002)}},
        {"ContinuationFirst", frame(0x80, "z"), {error(1002)}},
        {"ContinuationBehindMessage",
         frame(0x81, "a") + frame(0x80, "z"),
         {{Kind::Text, 0, "a"}, error(1002)}},
        {"MessageWithinMessage", frame(0x01, "a") + frame(0x81, "z"), {error(1002)}},
        {"FragmentWithinMessage", frame(0x01, "a") + frame(0x01, "z"), {error(1002)}},
        {"Length5InTwoBytes", frame(0x81, "hello", Length::Wide2), {error(1002)}},
        {"Length126InEightBytes", frame(0x81, s126, Length::Wide8), {error(1002)}},
        {"LengthWithSignBit", std::string("\x81\xff\x80\0\0\0\0\0\0\1zzzz", 14), {error(1002)}},
        {"AnnouncedGigabyte", std::string("\x81\xff\0\0\0\0\x40\0\0\0zzzz", 14), {error(1009)}},
        {"CloseOfOneByte", frame(0x88, "x"), {error(1002)}},
        {"CloseReasonNotUtf8", close_frame(1000, "\xff"), {error(1007)}},
        {"TextNotUtf8", frame(0x81, "\xfe"), {error(1007)}},
        {"TextCutInCharacter", frame(0x81, "\xc3"), {error(1007)}},
        {"TextWithSurrogate", frame(0x81, "\xed\xa0\x80"), {error(1007)}},
        {"FragmentsNotUtf8", frame(0x01, "\xc3") + frame(0x80, "x"), {error(1007)}},
    };
    for (unsigned const opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        cases.push_back(
            {"Opcode" + std::to_string(opcode), frame(0x80U | opcode, ""), {error(1002)}});
    }
    for (unsigned const reserved : {0x40U, 0x20U, 0x10U}) {
        cases.push_back(
            {"Reserved" + std::to_string(reserved), frame(0x81U | reserved, "z"), {error(1002)}});
    }
    for (unsigned const code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
        cases.push_back({"CloseCode" + std::to_string(code), close_frame(code), {error(1002)}});
    }
    return cases;
}

class FrameDecoding : public testing::TestWithParam<Case> {};

TEST_P(FrameDecoding, GivesTheSameEventsAtEachSplit) {
    auto const& [title, bytes, events] = GetParam();
    EXPECT_EQ(decode(bytes), events);
    std::size_t const step = bytes.size() > 1000 ? 997 : 1;
    for (std::size_t at = 1; at < bytes.size(); at += step) {
        FrameDecoder decoder;
        EXPECT_EQ(decode(decoder, {bytes.substr(0, at), bytes.substr(at)}), events) << "at " << at;
    }
}

TEST_P(FrameDecoding, GivesTheSameEventsByteByByteWithControlFramesAhead) {
    auto const& [title, bytes, events] = GetParam();
    std::vector<std::string> pieces{frame(0x89, "first")};
    for (char const c : bytes) {
        pieces.emplace_back(1, c);
    }
    auto expected = events;
    expected.insert(expected.begin(), {Kind::Ping, 0, "first"});
    FrameDecoder decoder;
    EXPECT_EQ(decode(decoder, pieces), expected);
}

std::string title_of(testing::TestParamInfo<Case> const& info) { return info.param.title; }
INSTANTIATE_TEST_SUITE_P(Accepts, FrameDecoding, testing::ValuesIn(accepted_cases()), title_of);
INSTANTIATE_TEST_SUITE_P(Refuses, FrameDecoding, testing::ValuesIn(refused_cases()), title_of);

TEST(FrameDecoder, TakesMessagesUpToTheLimitAndNotOneByteMore) {
    std::string const most(kMessageBytesMax, 'm');
    EXPECT_EQ(decode(frame(0x81, most)), (std::vector<Seen>{{Kind::Text, 0, most}}));
    EXPECT_EQ(decode(frame(0x81, most + "x")), std::vector<Seen>{error(1009)});
    EXPECT_EQ(decode(frame(0x01, most) + frame(0x80, "")),
              (std::vector<Seen>{{Kind::Text, 0, most}}));
    EXPECT_EQ(decode(frame(0x01, most) + frame(0x80, "x")), std::vector<Seen>{error(1009)});
}

TEST(FrameDecoder, RefusesAMessageThatIsTooLargeBeforeItsPayloadComes) {
    auto head = frame(0x81, std::string(kMessageBytesMax + 1, 'm')).substr(0, 10);
    FrameDecoder decoder;
    EXPECT_EQ(decode(decoder, {head}), std::vector<Seen>{error(1009)});
}

TEST(FrameDecoder, RefusesAnUnmaskedFrameAtItsSecondByte) {
    FrameDecoder decoder;
    EXPECT_EQ(decode(decoder, {"\x81", "\x05"}), std::vector<Seen>{error(1002)});
}

TEST(FrameDecoder, StaysInErrorWhateverComesBehind) {
    FrameDecoder decoder;
    EXPECT_EQ(decode(decoder, {frame(0x83, "")}), std::vector<Seen>{error(1002)});
    EXPECT_EQ(decode(decoder, {frame(0x81, "fine")}), std::vector<Seen>{error(1002)});
}

TEST(FrameDecoder, HoldsMemoryOnlyWhileSomethingIsIncomplete) {
    FrameDecoder decoder;
    EXPECT_LE(sizeof decoder, sizeof(void*));
    auto const whole = frame(0x81, "hello");
    (void)decode(decoder, {whole});
    EXPECT_TRUE(decoder.is_idle());
    (void)decode(decoder, {whole.substr(0, 3)});
    EXPECT_FALSE(decoder.is_idle());
    (void)decode(decoder, {whole.substr(3)});
    EXPECT_TRUE(decoder.is_idle());
    (void)decode(decoder, {frame(0x01, "a")});
    EXPECT_FALSE(decoder.is_idle());
    (void)decode(decoder, {frame(0x80, "b")});
    EXPECT_TRUE(decoder.is_idle());
}

TEST(AppendFrames, WriteTheSmallestLengthThatFits) {
    for (auto const& [size, head] :
         {std::pair{0, std::string("\x81\0", 2)}, std::pair{125, std::string("\x81\x7d", 2)},
          std::pair{126, std::string("\x81\x7e\0\x7e", 4)},
          std::pair{65535, std::string("\x81\x7e\xff\xff", 4)},
          std::pair{65536, std::string("\x81\x7f\0\0\0\0\0\1\0\0", 10)}}) {
        std::string const text(static_cast<std::size_t>(size), 't');
        std::string out = "kept";
        append_text_frame(out, text);
        EXPECT_EQ(out, "kept" + head + text);
    }
}

TEST(AppendFrames, WriteControlFrames) {
    std::string out;
    append_pong_frame(out, "abc");
    append_close_frame(out, 4001, "bye");
    append_close_frame(out, close_code::kNone, "no code, so no reason");
    EXPECT_EQ(out, std::string("\x8a\3abc\x88\5\x0f\xa1"
                               "bye\x88\0",
                               14));
}

TEST(AppendFrames, CutAReasonBetweenCharacters) {
    for (auto const& [reason, size] :
         {std::pair{std::string(123, 'r'), 125}, std::pair{std::string(124, 'r'), 125},
          std::pair{std::string(122, 'r') + "\xc3\xa4", 124}}) {
        std::string out;
        append_close_frame(out, 1000, reason);
        EXPECT_EQ(out[1], size);
        EXPECT_EQ(out.size(), static_cast<std::size_t>(size) + 2);
    }
}

}  // namespace
}  // namespace latchkey::http
