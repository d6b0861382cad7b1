#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the API promises, asked of what it says: src/api/openapi/openapi.json is the one place that
/// lists the fields which the typed SDKs need. tests/interop asks the same of the whole program.
namespace latchkey::test {

/// One sentence each; empty: everything is as described.
using Faults = std::vector<std::string>;

/// The document as it lies in the source tree. Throws where it cannot be read.
[[nodiscard]] boost::json::object const& openapi();
/// The same of the admin API's, admin.json.
[[nodiscard]] boost::json::object const& admin_openapi();

/// What of `json` does not fit a schema (JSON Schema 2020-12). Throws `std::logic_error` on a
/// keyword that it does not know, so that none is passed over.
[[nodiscard]] Faults faults_of(boost::json::value const& json, boost::json::object const& schema);

/// The same for one of the document's `components.schemas`.
[[nodiscard]] Faults faults_of(boost::json::value const& json, std::string_view schema_name);

/// The same for an answer of the operation with that id, such as `GetAppV2`. An empty id: a path
/// that is not described; refusals look the same there.
[[nodiscard]] Faults answer_faults(std::string_view operation_id, int status,
                                   boost::json::value const& json);

enum class Frame : std::uint8_t { First, Later };

/// The same for a frame that the server sends on the WebSocket which that operation opens.
[[nodiscard]] Faults frame_faults(std::string_view operation_id, Frame frame,
                                  boost::json::value const& json);

/// The same for the admin API: a schema of its document, by name.
[[nodiscard]] Faults admin_schema_faults(boost::json::value const& json,
                                         std::string_view schema_name);

/// An answer of it as its body: JSON, a page, or empty.
[[nodiscard]] Faults admin_answer_faults(std::string_view operation_id, int status,
                                         std::string_view body);

/// What of a request that was taken is not described: a parameter, a member, or its type.
[[nodiscard]] Faults admin_request_faults(std::string_view operation_id, std::string_view query,
                                          std::string_view body);

/// A frame on a WebSocket of it.
[[nodiscard]] Faults admin_frame_faults(std::string_view operation_id, Frame frame,
                                        boost::json::value const& json);

}  // namespace latchkey::test
