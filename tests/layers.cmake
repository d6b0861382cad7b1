cmake_minimum_required(VERSION 3.25)
# The test `layers`: reads each #include below src/ and include/latchkey/ and fails where one goes
# against the arrows of the architecture, or names a library outside the layer that owns it.
# Called with ROOT, LAYERS (comma-separated) and USES_<layer> (comma-separated).
string(REPLACE "," ";" LAYERS "${LAYERS}")
set(errors "")

# A library that only some layers may name: regular expression of the include, then the layers.
set(owned_libraries
  "boost/asio|net" "boost/beast|net" "openssl/|net,oidc" "sqlite3|storage" "sodium|storage,domain"
  "libpq|storage" "spdlog|server" "CLI/|cli" "toml|server" "prometheus/|api" "simdjson|token,http,wire"
  "nettle/|token,http")

foreach(layer IN LISTS LAYERS)
  string(REPLACE "," ";" allowed "${USES_${layer}}")
  list(APPEND allowed ${layer})
  file(GLOB_RECURSE files ${ROOT}/src/${layer}/*.[ch]pp ${ROOT}/include/latchkey/${layer}/*.hpp)
  foreach(file IN LISTS files)
    file(STRINGS ${file} includes REGEX "^#include ")
    file(RELATIVE_PATH shown ${ROOT} ${file})
    foreach(line IN LISTS includes)
      # What is installed is held to more: a consumer's compiler has no other library's headers.
      if(shown MATCHES "^include/" AND NOT line MATCHES "^#include <(latchkey/[a-z_/0-9]+\\.hpp|[a-z_]+)>")
        string(APPEND errors "${shown}: ${line}\n  public headers include <latchkey/...> and the standard library only\n")
      endif()
      if(line MATCHES "^#include (\"|<latchkey/)([a-z]+)/")
        set(target ${CMAKE_MATCH_2})
        if(NOT target IN_LIST allowed)
          string(APPEND errors "${shown}: ${line}\n  ${layer} may not use ${target}; it may use: ${USES_${layer}}\n")
        endif()
      endif()
      foreach(rule IN LISTS owned_libraries)
        string(REGEX REPLACE "\\|.*" "" library "${rule}")
        string(REGEX REPLACE ".*\\|" "" owners "${rule}")
        string(REPLACE "," ";" owners "${owners}")
        if(line MATCHES "^#include <${library}" AND NOT layer IN_LIST owners)
          string(APPEND errors "${shown}: ${line}\n  only these layers may: ${owners}\n")
        endif()
      endforeach()
    endforeach()
  endforeach()
endforeach()

if(errors)
  message(FATAL_ERROR "Includes against the architecture (src/README.md has the arrows):\n${errors}")
endif()
