#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace latchkey::net {

/// Bytes that came in and are not used up. What was taken off the front stays in its place until
/// the next `prepare`.
class ReadBuffer {
public:
    ReadBuffer() = default;
    /// Begins with a copy of `bytes`.
    explicit ReadBuffer(std::span<char const> bytes)
        : storage_(bytes.begin(), bytes.end()), end_(bytes.size()) {}
    ReadBuffer(ReadBuffer&& other) noexcept { swap(other); }
    ReadBuffer& operator=(ReadBuffer&& other) noexcept {
        ReadBuffer(std::move(other)).swap(*this);
        return *this;
    }
    ~ReadBuffer() = default;

    [[nodiscard]] std::span<char> unread() {
        return std::span(storage_).subspan(begin_, end_ - begin_);
    }
    [[nodiscard]] bool holds_memory() const noexcept { return !storage_.empty(); }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

    /// Takes bytes off the front, so that `count` are left.
    void keep_last(std::size_t count) { begin_ = end_ - count; }

    /// Room for `size` more bytes behind the unread ones.
    [[nodiscard]] std::span<char> prepare(std::size_t size) {
        if (begin_ > 0) {
            std::copy(storage_.begin() + static_cast<std::ptrdiff_t>(begin_),
                      storage_.begin() + static_cast<std::ptrdiff_t>(end_), storage_.begin());
            end_ -= begin_;
            begin_ = 0;
        }
        if (storage_.size() < end_ + size) {
            storage_.resize(end_ + size);
        }
        return std::span(storage_).subspan(end_);
    }
    void commit(std::size_t size) { end_ += size; }

    /// Gives the memory back where it is more than `size`; only when empty.
    void shrink(std::size_t size) {
        if (empty() && storage_.size() > size) {
            *this = {};
        }
    }

private:
    void swap(ReadBuffer& other) noexcept {
        storage_.swap(other.storage_);
        std::swap(begin_, other.begin_);
        std::swap(end_, other.end_);
    }

    std::vector<char> storage_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace latchkey::net
