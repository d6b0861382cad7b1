#include "api/static_files.hpp"

namespace latchkey::api {

std::span<StaticFile const> dashboard_files() { return {}; }

}  // namespace latchkey::api
