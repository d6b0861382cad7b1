# Warnings, hardening and sanitizers, for this project's own sources only: consumers never inherit them.
add_library(latchkey_flags INTERFACE)

target_compile_options(latchkey_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wcast-qual -Wnull-dereference -Wswitch-enum
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op>
  $<$<BOOL:${LATCHKEY_WERROR}>:-Werror>
  -fstack-protector-strong)

if(LATCHKEY_SANITIZE)
  target_compile_options(latchkey_flags INTERFACE -fsanitize=${LATCHKEY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(latchkey_flags INTERFACE -fsanitize=${LATCHKEY_SANITIZE})
  if(LATCHKEY_SANITIZE MATCHES undefined)
    target_compile_options(latchkey_flags INTERFACE -fno-sanitize-recover=undefined)
    # It reads memory through a pipe, and takes an object for none where there are no descriptors left: tests
    # see to that. What it would find, AddressSanitizer finds too.
    target_compile_options(latchkey_flags INTERFACE -fno-sanitize=vptr)
  endif()
else()
  target_compile_definitions(latchkey_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
endif()
target_compile_definitions(latchkey_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(latchkey_flags INTERFACE -Wl,-z,relro,-z,now)
