# Writes OUTPUT: a C++ source with the bytes of FILE, an OpenAPI document, as NAME_document and
# NAME_etag. Bytes, for compilers limit how long a string literal may be.
cmake_minimum_required(VERSION 3.25)
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(SHA256 ${FILE} digest)
string(SUBSTRING ${digest} 0 32 tag)
file(WRITE ${OUTPUT} "#include \"api/openapi.hpp\"

namespace latchkey::api {
namespace {

constexpr char kDocument[] = {${bytes}};

}  // namespace

std::string_view ${NAME}_document() noexcept { return {kDocument, sizeof kDocument}; }

std::string_view ${NAME}_etag() noexcept { return \"\\\"${tag}\\\"\"; }

}  // namespace latchkey::api
")
