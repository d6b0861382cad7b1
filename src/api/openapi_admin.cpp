#include "api/admin_endpoints.hpp"
#include "api/openapi.hpp"

namespace latchkey::api::admin {

/// The document itself, with no `duration` in it: it is no answer of the API, it is about them.
AdminReply show_openapi(AdminCall const& call) {
    http::Response response;
    response.add_field("X-Content-Type-Options", "nosniff");
    fill_with_openapi(call.request, admin_openapi_document(), admin_openapi_etag(), response);
    return response;
}

}  // namespace latchkey::api::admin
