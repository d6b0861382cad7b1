#pragma once

#include "support/schema_check.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the typed SDKs need in an answer. They fail on the whole answer where one field is missing
/// or of another type, so every test that looks at an answer asks here first.
namespace latchkey::test {

/// The parts of answers that tests look at alone; openapi.json says what each consists of.
enum class Shape {
    Error,
    App,
    ReducedApp,
    UserLegacy,
    UserV2,
    FullUserLegacy,
    FullUserV2,
    OwnUserLegacy,
    OwnUserV2,
};

inline std::string_view schema_name(Shape shape) {
    switch (shape) {
        case Shape::Error: return "Error";
        case Shape::App: return "AppSettings";
        case Shape::ReducedApp: return "ReducedApp";
        case Shape::UserLegacy: return "UserLegacy";
        case Shape::UserV2: return "UserV2";
        case Shape::FullUserLegacy: return "FullUserLegacy";
        case Shape::FullUserV2: return "FullUserV2";
        case Shape::OwnUserLegacy: return "OwnUserLegacy";
        case Shape::OwnUserV2: return "OwnUserV2";
    }
    std::unreachable();
}

/// The required fields of `shape` (and of the objects inside it) that `json` does not have, and the
/// fields that it has with another type. Empty: every typed SDK can decode it.
inline std::vector<std::string> missing_fields(boost::json::value const& json, Shape shape) {
    return faults_of(json, schema_name(shape));
}

}  // namespace latchkey::test
