#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

/// By what names the admin listener may be called: what a request's `Host` has to say.
///
/// A page of another site can have its own name lead to this machine (DNS rebinding). To a browser
/// it is a page of this listener then: `Origin` and `Host` agree, and the answers are shown to it.
/// Only the name tells. An IP address is nobody's to lead elsewhere, so each one counts.
class AdminHosts {
public:
    /// `localhost` and IP addresses alone.
    AdminHosts() = default;

    /// `admin.example.com, latchkey`: names with commas, without scheme and port; spaces around
    /// them are allowed, and so is an empty list. Empty where one of them is no such name.
    [[nodiscard]] static std::optional<AdminHosts> parse(std::string_view text);

    /// One more; an address or a name that no browser would send does no harm.
    void add(std::string_view name) { names_.emplace_back(name); }

    /// Whether a `Host` field (RFC 9110 section 7.2) says one of them, whatever its port and the
    /// case of its letters. An absent or empty one does: no browser leaves it out.
    [[nodiscard]] bool contains(std::string_view field) const;

private:
    std::vector<std::string> names_;
};

}  // namespace latchkey::api
