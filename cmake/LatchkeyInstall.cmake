# What `cmake --install` installs beside the program: libraries by component, with their headers, a CMake
# package that knows the components, and a pkg-config file for each.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(LATCHKEY_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Latchkey)

# latchkey_install_component(NAME DESCRIPTION … LAYERS … REQUIRES … LIBS …)
#
# LAYERS are those that the component adds, lowest first: an earlier component has the rest. REQUIRES are
# pkg-config's names of what they link, LIBS the linker's names of what pkg-config does not know.
function(latchkey_install_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESCRIPTION" "LAYERS;REQUIRES;LIBS")
  list(TRANSFORM arg_LAYERS PREPEND latchkey_ OUTPUT_VARIABLE targets)
  install(TARGETS ${targets} EXPORT Latchkey_${name}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT ${name})
  install(EXPORT Latchkey_${name} NAMESPACE Latchkey:: FILE Latchkey_${name}.cmake
    DESTINATION ${LATCHKEY_PACKAGE_DIR} COMPONENT ${name})

  # A linker reads static libraries once, so each stands before what it uses. They have no shared twin:
  # plain `Requires`, or everybody would have to remember `--static`.
  set(LATCHKEY_COMPONENT ${name})
  set(LATCHKEY_COMPONENT_DESCRIPTION ${arg_DESCRIPTION})
  list(JOIN arg_REQUIRES ", " LATCHKEY_COMPONENT_REQUIRES)
  list(REVERSE targets)
  list(APPEND targets ${arg_LIBS})
  list(TRANSFORM targets PREPEND -l)
  list(JOIN targets " " LATCHKEY_COMPONENT_LIBS)
  # Relative, because `cmake --install --prefix` moves the tree.
  file(RELATIVE_PATH LATCHKEY_PREFIX_FROM_PC
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" LATCHKEY_PREFIX_FROM_PC ${LATCHKEY_PREFIX_FROM_PC})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/latchkey.pc.in
    ${PROJECT_BINARY_DIR}/latchkey-${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/latchkey-${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${name})
endfunction()

# The package's own files go with `token`, which every other component needs.
function(latchkey_install_package)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/LatchkeyConfig.cmake.in
    ${PROJECT_BINARY_DIR}/LatchkeyConfig.cmake INSTALL_DESTINATION ${LATCHKEY_PACKAGE_DIR}
    NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/LatchkeyConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/LatchkeyConfig.cmake
    ${PROJECT_BINARY_DIR}/LatchkeyConfigVersion.cmake
    DESTINATION ${LATCHKEY_PACKAGE_DIR} COMPONENT token)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT token)
endfunction()

latchkey_install_component(token
  DESCRIPTION "Latchkey's tokens: check and mint them, without a network"
  LAYERS base token
  REQUIRES nettle simdjson)
latchkey_install_component(sdk
  DESCRIPTION "Latchkey's SDKs: a client for backends and one for devices"
  LAYERS http wire net sdk
  REQUIRES latchkey-token openssl
  LIBS boost_json pthread)
latchkey_install_package()
