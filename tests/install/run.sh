#!/usr/bin/env bash
# The tests `install` and `install_clang`: installs what was built into a folder of its own, then builds
# and runs other people's projects against it, with find_package and with pkg-config.
#
#     run.sh SOURCE BUILD WORK CMAKE COMPILER
#
# Ends with 77, which ctest shows as skipped, where there is no such compiler.
set -euo pipefail
source=$1 build=$2 work=$3 cmake=$4 compiler=$5
here=$source/tests/install
prefix=$work/prefix
skipped=77

command -v "$compiler" >/dev/null || {
    echo "$compiler is not here: the installed package was not tried with it"
    exit $skipped
}

# quietly NAME COMMAND...: its output only where it fails.
quietly() {
    local log=$work/$1.log
    shift
    "$@" >"$log" 2>&1 || {
        cat "$log"
        echo "failed: $*"
        exit 1
    }
}

# No Latchkey of this machine's takes part.
unset CMAKE_PREFIX_PATH PKG_CONFIG_PATH Latchkey_DIR Latchkey_ROOT
rm -rf "$work"
mkdir -p "$work"
quietly install "$cmake" --install "$build" --prefix "$prefix" --component token

mapfile -t packages < <(find "$prefix" -name 'latchkey-*.pc' -printf '%h\n' | sort -u)
export PKG_CONFIG_PATH=${packages[0]:?no pkg-config file was installed}

# Nothing of this build leaks: neither its folders nor its flags.
if grep -rnE "$source|$build|-fsanitize|-Werror|FORTIFY" "$prefix" --include='*.cmake' --include='*.pc'; then
    echo "the installed package names what belongs to this build"
    exit 1
fi

# Every installed header, so that none needs another one's company or a library that is not there.
(cd "$prefix/include" && find latchkey -name '*.hpp' | sort | sed 's/.*/#include <&>/') >"$work/every_header.hpp"
grep -q token_verifier "$work/every_header.hpp"

strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror'
configure() {
    local from=$1 name=$2
    shift 2
    quietly "$name-configure" "$cmake" -G Ninja -S "$from" -B "$work/$name" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$strict -I$work" "$@"
}

configure "$here/consumer" consumer
quietly consumer-build "$cmake" --build "$work/consumer"
quietly consumer "$work/consumer/my_service"

# shellcheck disable=SC2046
quietly pkg-config-build "$compiler" -std=c++23 -I"$work" "$here/consumer/main.cpp" \
    $(pkg-config --cflags --libs latchkey-token) -o "$work/by_pkg_config"
quietly pkg-config "$work/by_pkg_config"

configure "$here/refused" refused -DOTHER_VERSION="$(pkg-config --modversion latchkey-token | awk -F. '{ print $1 "." $2 + 1 }')"

configure "$source/examples" examples
quietly examples-build "$cmake" --build "$work/examples"
quietly examples "$cmake" -E chdir "$work/examples" "$(dirname "$cmake")/ctest" --no-tests=error --output-on-failure
