#include "api/entity_tag.hpp"
#include "api/openapi.hpp"

namespace latchkey::api {

void fill_with_openapi(http::Request const& request, std::string_view document,
                       std::string_view etag, http::Response& response) {
    response.add_field("ETag", etag);
    response.add_field("Cache-Control", "no-cache");  // a new version counts at once
    if (has_already(request, etag)) {
        response.status = 304;
    } else {
        response.body = document;
    }
}

}  // namespace latchkey::api
