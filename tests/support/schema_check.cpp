#include "support/schema_check.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace latchkey::test {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::string_view kComponents = "#/components/";
constexpr std::string_view kJsonType = "application/json";
/// What SDKs parse as a date: RFC 3339, with any number of digits of a second.
constexpr std::string_view kDateTime =
    R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$)";

object read_document(std::string const& name) {
    std::ifstream stream(LATCHKEY_SOURCE_DIR "/src/api/openapi/" + name);
    if (!stream) {
        throw std::runtime_error(name + " is not where the tests look for it");
    }
    std::ostringstream text;
    text << stream.rdbuf();
    return boost::json::parse(text.str()).as_object();
}

/// What `reference` names in a document, `#/components/<kind>/<name>`.
object const& resolve(object const& document, std::string_view reference) {
    auto const slash = reference.rfind('/');
    if (!reference.starts_with(kComponents) || slash < kComponents.size()) {
        throw std::logic_error("no such reference: " + std::string(reference));
    }
    auto const kind = reference.substr(kComponents.size(), slash - kComponents.size());
    return document.at("components").at(kind).at(reference.substr(slash + 1)).as_object();
}

/// `given`, or what it refers to.
object const& resolved(object const& document, object const& given) {
    auto const* reference = given.if_contains("$ref");
    return reference == nullptr ? given : resolve(document, reference->as_string());
}

std::regex const& pattern_of(std::string const& text) {
    static std::map<std::string, std::regex> known;
    auto const found = known.find(text);
    return found == known.end() ? known.emplace(text, std::regex(text)).first->second
                                : found->second;
}

bool matches(value const& json, std::string_view pattern) {
    return std::regex_search(std::string(json.get_string()), pattern_of(std::string(pattern)));
}

/// Stricter than JSON Schema on integers: `1.0` and `1e3` are none to Go and Kotlin.
bool has_type(value const& json, std::string_view type) {
    if (type == "integer") {
        return json.is_int64() || json.is_uint64();
    }
    return (type == "object" && json.is_object()) || (type == "array" && json.is_array()) ||
           (type == "string" && json.is_string()) || (type == "boolean" && json.is_bool()) ||
           (type == "number" && json.is_number()) || (type == "null" && json.is_null());
}

class Checker {
public:
    explicit Checker(object const& document) : document_(document) {}

    Faults take() { return std::move(faults_); }

    void check(value const& json, object const& schema, std::string const& at) {
        for (auto const& member : schema) {
            auto const rule =
                std::ranges::find(kRules, std::string_view(member.key()), &Rule::keyword);
            if (rule == kRules.end()) {
                throw std::logic_error("a schema has a keyword that the tests do not know: " +
                                       std::string(member.key()));
            }
            if (rule->apply != nullptr) {
                (this->*rule->apply)({json, member.value(), schema, at});
            }
        }
    }

private:
    struct Step {
        value const& json;
        value const& operand;
        object const& schema;
        std::string const& at;
    };
    struct Rule {
        std::string_view keyword;
        void (Checker::*apply)(Step const& step);  ///< null: says nothing about what is valid
    };
    static std::array<Rule, 23> const kRules;

    void require(bool fits, Step const& step, std::string_view what) {
        if (!fits) {
            faults_.push_back((step.at.empty() ? "it" : step.at) + ' ' + std::string(what) + ' ' +
                              boost::json::serialize(step.operand));
        }
    }

    void refer(Step const& step) {
        check(step.json, resolve(document_, step.operand.as_string()), step.at);
    }
    void all_of(Step const& step) {
        for (auto const& schema : step.operand.as_array()) {
            check(step.json, schema.as_object(), step.at);
        }
    }
    /// Also of `anyOf`: nothing here wants alternatives that overlap. Where none fits, the one that
    /// comes closest is the one that was meant.
    void one_of(Step const& step) {
        std::vector<Faults> all;
        for (auto const& schema : step.operand.as_array()) {
            Checker other(document_);
            other.check(step.json, schema.as_object(), step.at);
            all.push_back(other.take());
        }
        auto const count = std::ranges::count_if(all, &Faults::empty);
        require(count == 1, step, "fits " + std::to_string(count) + " instead of one of");
        if (count == 0) {
            auto const& closest = *std::ranges::min_element(all, {}, &Faults::size);
            faults_.insert(faults_.end(), closest.begin(), closest.end());
        }
    }
    void type(Step const& step) {
        auto const* list = step.operand.if_array();
        bool const fits = list == nullptr ? has_type(step.json, step.operand.as_string())
                                          : std::ranges::any_of(*list, [&](auto const& type) {
                                                return has_type(step.json, type.as_string());
                                            });
        require(fits, step, "is not of type");
    }
    void constant(Step const& step) { require(step.json == step.operand, step, "is not"); }
    void choice(Step const& step) {
        require(std::ranges::count(step.operand.as_array(), step.json) == 1, step, "is none of");
    }
    void required(Step const& step) {
        if (auto const* json = step.json.if_object()) {
            for (auto const& name : step.operand.as_array()) {
                if (!json->contains(name.as_string())) {
                    faults_.push_back(step.at + '/' + std::string(name.as_string()) +
                                      " is missing");
                }
            }
        }
    }
    void properties(Step const& step) {
        if (auto const* json = step.json.if_object()) {
            for (auto const& [name, schema] : step.operand.as_object()) {
                if (auto const* member = json->if_contains(name)) {
                    check(*member, schema.as_object(), step.at + '/' + std::string(name));
                }
            }
        }
    }
    void additional(Step const& step) {
        auto const* json = step.json.if_object();
        if (json == nullptr) {
            return;
        }
        auto const* named = step.schema.if_contains("properties");
        for (auto const& [name, member] : *json) {
            auto const at = step.at + '/' + std::string(name);
            if (named != nullptr && named->as_object().contains(name)) {
                continue;
            }
            if (auto const* schema = step.operand.if_object()) {
                check(member, *schema, at);
            } else if (!step.operand.as_bool()) {
                faults_.push_back(at + " is not described");
            }
        }
    }
    void each_item(Step const& step) {
        if (auto const* json = step.json.if_array()) {
            for (std::size_t i = 0; i < json->size(); ++i) {
                check(json->at(i), step.operand.as_object(), step.at + '/' + std::to_string(i));
            }
        }
    }
    /// A keyword that compares a measure of the value with a number; null: the value has none.
    template <auto measure, class Comparison>
    void compare(Step const& step) {
        std::optional<double> const measured = measure(step.json);
        require(!measured || Comparison()(*measured, step.operand.to_number<double>()), step,
                std::is_same_v<Comparison, std::less_equal<>> ? "is more than" : "is less than");
    }
    static std::optional<double> number(value const& json) {
        return json.is_number() ? std::optional(json.to_number<double>()) : std::nullopt;
    }
    static std::optional<double> items(value const& json) {
        return json.is_array() ? std::optional(static_cast<double>(json.get_array().size()))
                               : std::nullopt;
    }
    static std::optional<double> members(value const& json) {
        return json.is_object() ? std::optional(static_cast<double>(json.get_object().size()))
                                : std::nullopt;
    }
    static std::optional<double> length(value const& json) {
        return json.is_string() ? std::optional(static_cast<double>(json.get_string().size()))
                                : std::nullopt;
    }
    using Most = std::less_equal<>;
    using Least = std::greater_equal<>;
    void pattern(Step const& step) {
        require(!step.json.is_string() || matches(step.json, step.operand.as_string()), step,
                "does not match");
    }
    void format(Step const& step) {
        if (step.operand == "date-time") {
            require(!step.json.is_string() || matches(step.json, kDateTime), step, "is no");
        } else if (step.operand == "int64") {
            require(!step.json.is_uint64(), step, "is no");
        } else {
            throw std::logic_error("a schema has a format that the tests do not know");
        }
    }

    object const& document_;
    Faults faults_;
};

constinit std::array<Checker::Rule, 23> const Checker::kRules = {{
    {"$ref", &Checker::refer},
    {"additionalProperties", &Checker::additional},
    {"allOf", &Checker::all_of},
    {"anyOf", &Checker::one_of},
    {"const", &Checker::constant},
    {"default", nullptr},
    {"description", nullptr},
    {"enum", &Checker::choice},
    {"format", &Checker::format},
    {"items", &Checker::each_item},
    {"maxItems", &Checker::compare<&Checker::items, Checker::Most>},
    {"maxLength", &Checker::compare<&Checker::length, Checker::Most>},
    {"maxProperties", &Checker::compare<&Checker::members, Checker::Most>},
    {"maximum", &Checker::compare<&Checker::number, Checker::Most>},
    {"minItems", &Checker::compare<&Checker::items, Checker::Least>},
    {"minLength", &Checker::compare<&Checker::length, Checker::Least>},
    {"minProperties", &Checker::compare<&Checker::members, Checker::Least>},
    {"minimum", &Checker::compare<&Checker::number, Checker::Least>},
    {"oneOf", &Checker::one_of},
    {"pattern", &Checker::pattern},
    {"properties", &Checker::properties},
    {"required", &Checker::required},
    {"type", &Checker::type},
}};

object const* find_operation(object const& document, std::string_view id) {
    for (auto const& path : document.at("paths").as_object()) {
        for (auto const& method : path.value().as_object()) {
            auto const& operation = method.value().as_object();
            if (std::string_view(operation.at("operationId").as_string()) == id) {
                return &operation;
            }
        }
    }
    return nullptr;
}

/// The description of an answer; null where the operation gives none of that status.
object const* find_response(object const& document, std::string_view operation_id, int status) {
    auto const range = std::to_string(status / 100) + "XX";
    if (operation_id.empty()) {
        return status < 400 ? nullptr : &resolve(document, "#/components/responses/Error");
    }
    auto const* operation = find_operation(document, operation_id);
    if (operation == nullptr) {
        return nullptr;
    }
    auto const& responses = operation->at("responses").as_object();
    auto const* found = responses.if_contains(std::to_string(status));
    found = found == nullptr ? responses.if_contains(range) : found;
    return found == nullptr ? nullptr : &resolved(document, found->as_object());
}

Faults faults_in(object const& document, value const& json, object const& schema) {
    Checker checker(document);
    checker.check(json, schema, {});
    return checker.take();
}

/// What is said of an answer, with a body of that type; null: nothing.
object const* find_content(object const& document, std::string_view operation_id, int status,
                           std::string_view media_type) {
    auto const* response = find_response(document, operation_id, status);
    auto const* content = response == nullptr ? nullptr : response->if_contains("content");
    auto const* found = content == nullptr ? nullptr : content->as_object().if_contains(media_type);
    return found == nullptr ? nullptr : &found->at("schema").as_object();
}

Faults not_described(std::string_view operation_id, int status) {
    return {"no answer " + std::to_string(status) + " with such a body is described for '" +
            std::string(operation_id) + '\''};
}

Faults answer_faults_in(object const& document, std::string_view operation_id, int status,
                        value const& json) {
    auto const* schema = find_content(document, operation_id, status, kJsonType);
    return schema == nullptr ? not_described(operation_id, status)
                             : faults_in(document, json, *schema);
}

Faults frame_faults_in(object const& document, std::string_view operation_id, Frame frame,
                       value const& json) {
    auto const* response = find_response(document, operation_id, 101);
    if (response == nullptr) {
        return {"no WebSocket is described for '" + std::string(operation_id) + '\''};
    }
    auto const& schema = response->at("x-frames").at(frame == Frame::First ? "first" : "later");
    return faults_in(document, json, schema.as_object());
}

/// The names of what stands before `=` in a query, but for those that are described.
Faults unknown_parameters(object const& document, object const& operation, std::string_view query) {
    Faults faults;
    while (!query.empty()) {
        auto const end = std::min(query.find('&'), query.size());
        auto const name = query.substr(0, std::min(query.find('='), end));
        query.remove_prefix(std::min(end + 1, query.size()));
        auto const* list = operation.if_contains("parameters");
        bool const is_described =
            list != nullptr && std::ranges::any_of(list->as_array(), [&](value const& entry) {
                auto const& parameter = resolved(document, entry.as_object());
                return parameter.at("in") == "query" &&
                       std::string_view(parameter.at("name").as_string()) == name;
            });
        if (!is_described) {
            faults.push_back("no parameter '" + std::string(name) + "' is described");
        }
    }
    return faults;
}

/// Whether a schema, or what it is made of, describes the member or says that it takes others.
bool takes_member(object const& document, object const& schema, std::string_view name) {
    auto const& described = resolved(document, schema);
    if (auto const* parts = described.if_contains("allOf")) {
        return std::ranges::any_of(parts->as_array(), [&](value const& part) {
            return takes_member(document, part.as_object(), name);
        });
    }
    auto const* properties = described.if_contains("properties");
    return described.contains("additionalProperties") ||
           (properties != nullptr && properties->as_object().contains(name));
}

/// In a body null is as good as absent.
object without_nulls(object const& body) {
    object kept;
    for (auto const& [name, member] : body) {
        if (!member.is_null()) {
            kept[name] = member;
        }
    }
    return kept;
}

}  // namespace

object const& openapi() {
    static object const document = read_document("openapi.json");
    return document;
}

object const& admin_openapi() {
    static object const document = read_document("admin.json");
    return document;
}

Faults faults_of(value const& json, object const& schema) {
    return faults_in(openapi(), json, schema);
}

Faults faults_of(value const& json, std::string_view schema_name) {
    return faults_of(json, resolve(openapi(), "#/components/schemas/" + std::string(schema_name)));
}

Faults answer_faults(std::string_view operation_id, int status, value const& json) {
    return answer_faults_in(openapi(), operation_id, status, json);
}

Faults frame_faults(std::string_view operation_id, Frame frame, value const& json) {
    return frame_faults_in(openapi(), operation_id, frame, json);
}

Faults admin_schema_faults(value const& json, std::string_view schema_name) {
    return faults_in(admin_openapi(), json,
                     resolve(admin_openapi(), "#/components/schemas/" + std::string(schema_name)));
}

Faults admin_answer_faults(std::string_view operation_id, int status, std::string_view body) {
    if (body.empty()) {
        auto const* response = find_response(admin_openapi(), operation_id, status);
        return response == nullptr || response->contains("content")
                   ? not_described(operation_id, status)
                   : Faults();
    }
    boost::json::error_code error;
    auto const json = boost::json::parse(body, error);
    if (!error) {
        return answer_faults_in(admin_openapi(), operation_id, status, json);
    }
    auto const* page = find_content(admin_openapi(), operation_id, status, "text/html");
    return page == nullptr ? not_described(operation_id, status) : Faults();
}

Faults admin_request_faults(std::string_view operation_id, std::string_view query,
                            std::string_view body) {
    auto const& document = admin_openapi();
    auto const* operation = find_operation(document, operation_id);
    if (operation == nullptr) {
        return {"there is no such operation"};
    }
    auto faults = unknown_parameters(document, *operation, query);
    auto const* described = operation->if_contains("requestBody");
    if (described == nullptr || body.empty()) {
        return faults;
    }
    auto const& schema = described->at("content").at(kJsonType).at("schema").as_object();
    auto const json = without_nulls(boost::json::parse(body).as_object());
    for (auto const& member : json) {
        if (!takes_member(document, schema, member.key())) {
            faults.push_back(std::string(member.key()) + " is not described");
        }
    }
    auto const more = faults_in(document, json, schema);
    faults.insert(faults.end(), more.begin(), more.end());
    return faults;
}

Faults admin_frame_faults(std::string_view operation_id, Frame frame, value const& json) {
    return frame_faults_in(admin_openapi(), operation_id, frame, json);
}

}  // namespace latchkey::test
