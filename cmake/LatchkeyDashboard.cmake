# latchkey_dashboard_source(VARIABLE): sets VARIABLE to the source that defines `dashboard_files()`. With
# LATCHKEY_DASHBOARD it is made of what npm and Vite build in dashboard/, whenever something there has
# changed; without, it says that there are no files.
function(latchkey_dashboard_source variable)
  if(NOT LATCHKEY_DASHBOARD)
    set(${variable} ${PROJECT_SOURCE_DIR}/src/api/no_dashboard.cpp PARENT_SCOPE)
    return()
  endif()
  find_program(LATCHKEY_NPM npm)
  find_program(LATCHKEY_NODE node)
  if(NOT LATCHKEY_NPM OR NOT LATCHKEY_NODE)
    message(FATAL_ERROR "The dashboard wants Node 18 or newer, with npm. "
      "-DLATCHKEY_DASHBOARD=OFF builds the server without it.")
  endif()

  set(folder ${PROJECT_SOURCE_DIR}/dashboard)
  set(installed ${folder}/node_modules/.package-lock.json)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/dashboard_files)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/src/* ${folder}/public/* ${folder}/tools/*)

  add_custom_command(OUTPUT ${installed}
    COMMAND ${LATCHKEY_NPM} ci --ignore-scripts
    DEPENDS ${folder}/package-lock.json ${folder}/package.json
    WORKING_DIRECTORY ${folder}
    COMMENT "Fetching what the dashboard is built with" VERBATIM)
  add_custom_command(OUTPUT ${output}.cpp ${output}.bin
    COMMAND ${LATCHKEY_NPM} run --silent build -- --outDir ${CMAKE_CURRENT_BINARY_DIR}/dashboard
      --emptyOutDir --logLevel warn
    COMMAND ${LATCHKEY_NODE} tools/embed.mjs ${CMAKE_CURRENT_BINARY_DIR}/dashboard ${output}
    DEPENDS ${installed} ${sources} ${folder}/index.html ${folder}/package.json
      ${folder}/tsconfig.json ${folder}/vite.config.ts
    WORKING_DIRECTORY ${folder}
    COMMENT "Building the dashboard" VERBATIM)
  # The compiler does not see that the assembler reads the second file.
  set_source_files_properties(${output}.cpp PROPERTIES OBJECT_DEPENDS ${output}.bin)
  set(${variable} ${output}.cpp PARENT_SCOPE)
endfunction()
