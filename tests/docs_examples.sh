#!/usr/bin/env bash
# The test `docs_examples`: what the documentation quotes is what is built and run.
#
#     docs_examples.sh ROOT
#
# A page quotes with `<!-- from FILE [NAME] -->`, and the fenced block right behind it has to be the lines
# of FILE between its comments `[NAME]` and `[/NAME]`, less the indentation that they share.
set -euo pipefail
cd "$1"
failed=0
quotes=0

complain() {
    printf '%s\n' "$@" >&2
    failed=1
}

region() {
    awk -v start="[$2]" -v stop="[/$2]" '
        $NF == stop { inside = 0; closed = 1 }
        inside {
            lines[++count] = $0
            match($0, /^ */)
            if (NF && (count == 1 || RLENGTH < shared)) shared = RLENGTH
        }
        NF == 2 && $2 == start { inside = 1 }
        END {
            if (!closed || !count) exit 1
            for (i = 1; i <= count; ++i) print substr(lines[i], shared + 1)
        }' "$1"
}

# compare PLACE FILE NAME QUOTED
compare() {
    local text
    if ! text=$(region "$2" "$3"); then
        complain "$1: $2 has no lines between [$3] and [/$3]"
    elif [ "$text" != "$4" ]; then
        complain "$1: not what $2 has between [$3] and [/$3]:" "$(diff <(echo "$4") <(echo "$text"))"
    fi
}

check_page() {
    local page=$1 number=0 marker='' file='' name='' quoted='' state=text line
    while IFS= read -r line; do
        number=$((number + 1))
        case $state in
            text)
                [[ $line =~ ^'<!-- from '([^ ]+)' ['([a-z_]+)'] -->'$ ]] || continue
                file=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]} marker=$page:$number quoted= state=marker
                ;;
            marker)
                [[ $line == '```'* ]] || complain "$marker: no fenced block behind it"
                state=block
                ;;
            block)
                if [ "$line" != '```' ]; then
                    quoted+=$line$'\n'
                    continue
                fi
                compare "$marker" "$file" "$name" "${quoted%$'\n'}"
                quotes=$((quotes + 1)) state=text
                ;;
        esac
    done <"$page"
    [ "$state" = text ] || complain "$marker: the block has no end"
}

while IFS= read -r page; do
    check_page "$page"
done < <(find README.md docs -name '*.md' | sort)
[ "$quotes" -gt 0 ] || complain "no page quotes anything"
exit "$failed"
