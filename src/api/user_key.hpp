#pragma once

#include <latchkey/base/ids.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::api {

/// A user among those of all Apps: ids are an App's own, so that neither part says who it is.
struct UserKey {
    AppId app;
    std::string user_id;
};
struct UserKeyView {
    AppId app;
    std::string_view user_id;
};

struct UserKeyHash {
    using is_transparent = void;
    template <class Any>
    std::size_t operator()(Any const& key) const noexcept {
        return std::hash<std::string_view>{}(key.user_id) ^
               static_cast<std::size_t>(std::to_underlying(key.app)) * 0x9e3779b97f4a7c15U;
    }
};
struct UserKeyEqual {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(A const& a, B const& b) const noexcept {
        return a.app == b.app && std::string_view(a.user_id) == std::string_view(b.user_id);
    }
};

}  // namespace latchkey::api
