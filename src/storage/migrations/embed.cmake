# Writes OUTPUT: a C++ source with the text of each of FILES (comma-separated, in order).
cmake_minimum_required(VERSION 3.25)
string(REPLACE "," ";" FILES "${FILES}")
set(entries "")
foreach(file IN LISTS FILES)
  file(READ ${file} sql)
  string(APPEND entries "    std::string_view(R\"sql(${sql})sql\"),\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"storage/sqlite/migrations.hpp\"

namespace latchkey::storage {
namespace {

constexpr std::string_view kMigrations[] = {
${entries}};

}  // namespace

std::span<std::string_view const> migrations() { return kMigrations; }

}  // namespace latchkey::storage
")
