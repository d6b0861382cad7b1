# latchkey_layer(NAME SOURCES … PUBLIC_HEADERS … USES … LIBS … PUBLIC_LIBS …)
#
# One layer of the architecture: the static library latchkey_NAME, used as Latchkey::NAME. SOURCES are
# listed, not globbed. PUBLIC_HEADERS lie in include/latchkey/NAME/. USES are the layers that this one
# may include, and its link line; the test `layers` holds each #include to it. LIBS are third-party
# libraries that only this layer's sources see, PUBLIC_LIBS those that its headers name.
function(latchkey_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC_HEADERS;USES;LIBS;PUBLIC_LIBS")
  set(target latchkey_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(Latchkey::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
  list(TRANSFORM arg_PUBLIC_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/include/latchkey/${name}/)
  target_sources(${target} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${arg_PUBLIC_HEADERS})
  list(TRANSFORM arg_USES PREPEND Latchkey:: OUTPUT_VARIABLE uses)
  target_link_libraries(${target}
    PUBLIC ${uses} ${arg_PUBLIC_LIBS}
    PRIVATE ${arg_LIBS} $<BUILD_INTERFACE:latchkey_flags>)
  set_property(GLOBAL APPEND PROPERTY LATCHKEY_LAYERS ${name})
  set_property(GLOBAL PROPERTY LATCHKEY_USES_${name} "${arg_USES}")
endfunction()
