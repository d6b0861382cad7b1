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

# install_component NAME: also holds that nothing of this build leaks, neither its folders nor its flags,
# and lists every installed header, so that none needs another one's company or a library that is not there.
install_component() {
    quietly "install-$1" "$cmake" --install "$build" --prefix "$prefix" --component "$1"
    if grep -rnE "$source|$build|-fsanitize|-Werror|FORTIFY" "$prefix" --include='*.cmake' --include='*.pc'; then
        echo "the installed package names what belongs to this build"
        exit 1
    fi
    (cd "$prefix/include" && find latchkey -name '*.hpp' | sort | sed 's/.*/#include <&>/') >"$work/every_header.hpp"
}

strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror'
configure() {
    local from=$1 name=$2
    shift 2
    quietly "$name-configure" "$cmake" -G Ninja -S "$from" -B "$work/$name" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$strict -I$work" "$@"
}

# consume FOLDER PROGRAM COMPONENT: both ways of finding it.
consume() {
    local folder=$1 program=$2 component=$3
    configure "$here/$folder" "$folder"
    quietly "$folder-build" "$cmake" --build "$work/$folder"
    quietly "$folder" "$work/$folder/$program"

    # shellcheck disable=SC2046
    quietly "$folder-pkg-config-build" "$compiler" -std=c++23 -I"$work" "$here/$folder/main.cpp" \
        $(pkg-config --cflags --libs "latchkey-$component") -o "$work/$folder-by-pkg-config"
    quietly "$folder-pkg-config" "$work/$folder-by-pkg-config"
}

# refuse NAME OPTIONS...: what must not be found.
refuse() {
    configure "$here/refused" "$1" "${@:2}" \
        -DOTHER_VERSION="$(pkg-config --modversion latchkey-token | awk -F. '{ print $1 "." $2 + 1 }')"
}

try_examples() {
    configure "$source/examples" "$1"
    quietly "$1-build" "$cmake" --build "$work/$1"
    quietly "$1" "$cmake" -E chdir "$work/$1" "$(dirname "$cmake")/ctest" --no-tests=error --output-on-failure
}

install_component token
mapfile -t packages < <(find "$prefix" -name 'latchkey-*.pc' -printf '%h\n' | sort -u)
export PKG_CONFIG_PATH=${packages[0]:?no pkg-config file was installed}
grep -q token_verifier "$work/every_header.hpp"
consume consumer my_service token
refuse refused-with-token -DHAS_SDK=OFF
try_examples examples-with-token

install_component sdk
grep -q server_client "$work/every_header.hpp"
consume sdk_consumer my_backend sdk
refuse refused-with-sdk -DHAS_SDK=ON
try_examples examples-with-sdk
