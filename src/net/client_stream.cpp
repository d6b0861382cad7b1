#include "net/client_stream.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/error.hpp>

namespace latchkey::net {

bool is_wrong_speech(ErrorCode const& error) {
    namespace http = boost::beast::http;
    namespace websocket = boost::beast::websocket;
    if (error == http::error::end_of_stream || error == http::error::partial_message) {
        return false;  // it just ended
    }
    return error.category() == make_error_code(http::error::bad_version).category() ||
           error.category() == make_error_code(websocket::error::closed).category();
}

}  // namespace latchkey::net
