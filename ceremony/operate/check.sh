#!/bin/sh
# check.sh: computes again, without keyferry, what the runbook compares of a ceremony's public files.
#
#   sh check.sh parameters PARAMETERS [RECORD]   step 7: digest of parameters.json, and each wrapping key as OpenSSL sees it
#   sh check.sh ciphertext CIPHERTEXT [RECORD]   step 8: digest of ciphertext.json, what it answers, and its KCVs
#   sh check.sh record RECORD                    steps 8 and 11: the chain of transcript.jsonl, first head and head
#   sh check.sh audit RECORD LOG                 the day after: requests of the record against the provider's audit log
#
# With RECORD (transcript.jsonl), the record must name the file and its wrapping keys. LOG has one line for each successful
# request: action, key id and request id, separated by tabs, of GetParametersForImport and ImportKeyMaterial.
#
# It reads each file once, so that everything it prints is about the same bytes. It writes no file, and it prints nothing from a
# file before it has checked its form. It needs sh, awk, head, openssl, sed, sha256sum and tr.
# Exit codes: 0 nothing differs, 1 refused, 2 usage, 3 a file could not be read.

set -euf
LC_ALL=C
export LC_ALL
unset OPENSSL_CONF

CAP=33554432 # bytes of a file: a shell is slow with more, and no room compares so many keys
LINE_CAP=16384 # bytes of a line of the record, as for keyferry
START=0000000000000000000000000000000000000000000000000000000000000000
HEX='[0-9a-f]\{64\}'
TAB=$(printf '\t')

refuse() {
    printf 'REFUSED: %s\n' "$1" >&2
    exit 1
}

usage() {
    sed -n 's/^#   sh /usage: sh /p' "$0" >&2
    exit 2
}

sha256() {
    sum=$(sha256sum)
    printf '%s' "${sum%% *}"
}

row() {
    printf '%-16s %s\n' "$1" "$2"
}

# Puts the content of file $1 into $data. A shell drops NUL bytes, so they become another control character, which is refused.
# $2 is the only control character that may be in it besides the line feed.
load() {
    if [ ! -f "$1" ]; then
        printf 'NOT READ: a file of the command line does not exist, or is no regular file\n' >&2
        exit 3
    fi
    data=$({ head -c $((CAP + 1)) <"$1" && printf x; } 2>/dev/null | tr '\000' '\001')
    case $data in
        *x) data=${data%x} ;;
        *)
            printf 'NOT READ: a file of the command line could not be read to its end\n' >&2
            exit 3
            ;;
    esac
    [ ${#data} -le "$CAP" ] || refuse "the file is longer than $CAP bytes"
    left=$(printf '%s' "$data" | tr -d "\\n\\040-\\176\\200-\\377$2")
    [ -z "$left" ] || refuse "the file has control characters, or lines end with a carriage return"
    case $data in
        *"
") ;;
        *) refuse "the last line is incomplete" ;;
    esac
}

# Refuses $data unless it is a JSON file of name $1 in the form that keyferry writes.
artefact() {
    case $data in
        *\\*) refuse "the file has escapes" ;;
        "{
  \"format\": \"keyferry/$1/"[12]"\",
"*) ;;
        *) refuse "the file is not a $1.json of keyferry" ;;
    esac
}

# Reads the lines of a record, and prints "LINES FIRST_HEAD HEAD"; FIRST_HEAD is "none" before the offline station's first line.
walk() {
    number=0 head=$START first=none
    while IFS= read -r line; do
        [ ${#line} -le "$LINE_CAP" ] || refuse "line $((number + 1)) of the record is longer than $LINE_CAP bytes"
        case $line in
            "{\"seq\":$number,\"prev\":\"$head\",\""*"}") ;;
            "{\"format\":\"keyferry/transcript/2\",\"seq\":$number,\"prev\":\"$head\",\""*"}") ;;
            *) refuse "the chain is broken at line $((number + 1)) of the record" ;;
        esac
        head=$(printf '%s' "$line" | sha256)
        case $line in *",\"station\":\"offline\","*) first=$head ;; esac
        number=$((number + 1))
    done
    printf '%s %s %s\n' "$number" "$first" "$head"
}

# Puts record $1 into $record, and what `walk` says of it into $chain.
load_record() {
    load "$1" ''
    case $data in
        "{\"format\":\"keyferry/transcript/2\",\"seq\":0,"* | "{\"seq\":0,"*) ;;
        *) refuse "the file is not a transcript.jsonl of keyferry" ;;
    esac
    record=$data
    chain=$(printf '%s' "$record" | walk) || exit 1
}

# The digest that the record's last event $1 has as its member $2. Inside a JSON text the quotes would be escaped.
last_digest() {
    printf '%s' "$record" |
        sed -n "s/.*,\"event\":{\"kind\":\"$1\",.*\"$2\":\"\\($HEX\\)\".*/\\1/p" | sed -n '$p'
}

check_record() {
    load_record "$1"
    row lines "${chain%% *}"
    heads=${chain#* }
    row 'first head' "${heads% *}"
    row head "${heads#* }"
}

# Decodes base64. Wrong or overlong base64 comes out otherwise, and its caller notices.
der() {
    printf '%s' "$1" | openssl base64 -d -A 2>/dev/null
}

# Prints one wrapping key, base64 $2 of the key with alias $1.
wrapping_key() {
    [ "$(der "$2" | openssl base64 -A 2>/dev/null)" = "$2" ] || refuse "the wrapping key of $1 is not in base64"
    digest=$(der "$2" | sha256)
    same=$(der "$2" | openssl pkey -pubin -inform DER -outform DER 2>/dev/null | sha256)
    [ "$same" = "$digest" ] || refuse "OpenSSL does not read the wrapping key of $1, or would write it otherwise"
    text=$(der "$2" | openssl pkey -pubin -inform DER -noout -text 2>/dev/null)
    bits=$(printf '%s\n' "$text" | sed -n 's/.*Public-Key: (\([0-9]*\) bit)$/\1/p')
    exponent=$(printf '%s\n' "$text" | sed -n 's/^Exponent: \([0-9]*\) .*/\1/p')
    case $bits/$exponent in
        2048/65537 | 3072/65537 | 4096/65537) ;;
        *) refuse "the wrapping key of $1 is not RSA of 2048, 3072 or 4096 bits with exponent 65537" ;;
    esac
    row key "$1"
    row '' "RSA, $bits bit, exponent $exponent"
    row 'wrapping key' "$digest"
    [ -z "$record" ] || [ "$(fetched "$1")" = "$digest" ] ||
        refuse "the record does not name the wrapping key of $1"
}

# The digest of the wrapping key that the record's last fetch for alias $1 names.
fetched() {
    printf '%s' "$record" |
        awk -v event=",\"event\":{\"kind\":\"parameters-fetched\",\"alias\":\"$1\"," 'index($0, event)' |
        sed -n "s/.*\"wrapping_key_sha256\":\"\($HEX\)\".*/\1/p" | sed -n '$p'
}

# Reads lines "ALIAS" and "BASE64" in turn.
wrapping_keys() {
    while IFS= read -r alias && IFS= read -r key; do
        case $alias in *'"'*) refuse "two wrapping keys follow one another" ;; esac
        wrapping_key "$alias" "$key"
    done
}

check_parameters() {
    load_other "$@"
    load "$1" ''
    artefact parameters
    row 'parameters.json' "$(printf '%s' "$data" | sha256)"
    named exported parameters_sha256
    # Each alias is followed by its public key, and neither word is anywhere else in another form.
    pairs=$(printf '%s' "$data" | sed -n \
        -e 's/^      "alias": "\([A-Za-z0-9][A-Za-z0-9._\/-]*\)",$/alias \1/p' \
        -e 's/^      "public_key": "\([A-Za-z0-9+\/]*=*\)",$/key \1/p')
    mentioned=$(printf '%s' "$data" | awk '{ n += gsub(/alias"/, "") + gsub(/public_key/, "") } END { print n + 0 }')
    printf '%s\n' "$pairs" | awk -v n="$mentioned" \
        '$1 != (NR % 2 ? "alias" : "key") { bad = 1 } END { exit bad || NR != n || NR % 2 }' ||
        refuse "the keys of the file are not in the form that keyferry writes"
    printf '%s\n' "$pairs" | sed 's/^[a-z]* //' | wrapping_keys || exit 1
}

check_ciphertext() {
    load_other "$@"
    load "$1" ''
    artefact ciphertext
    row 'ciphertext.json' "$(printf '%s' "$data" | sha256)"
    answers=$(printf '%s' "$data" | sed -n "s/^  \"parameters_sha256\": \"\\($HEX\\)\",\$/\\1/p")
    [ ${#answers} -eq 64 ] || refuse "the file does not say which parameters.json it answers"
    row answers "$answers"
    printf '%s' "$data" | sed -n \
        -e 's/^      "alias": "\([A-Za-z0-9][A-Za-z0-9._\/-]*\)",$/key              \1/p' \
        -e '/^      "kcv": {$/,/^      }/s/^        "value": "\([0-9a-f]\{6\}\)"$/KCV              \1/p'
    named ciphertext-written ciphertext_sha256
    [ -z "$record" ] || [ "$(last_digest ciphertext-written parameters_sha256)" = "$answers" ] ||
        refuse "the record says that this file answers another parameters.json"
}

# The requests of $record: action, key id, request id, separated by tabs.
requests() {
    id='"\([A-Za-z0-9._:\/@+=-]*\)"'
    printf '%s' "$record" | sed -n \
        -e "s/.*,\"event\":{\"kind\":\"parameters-fetched\",.*\"key_id\":$id,.*\"request_id\":$id.*/GetParametersForImport$TAB\\1$TAB\\2/p" \
        -e "s/.*,\"event\":{\"kind\":\"imported\",.*\"key_id\":$id,.*\"request_id\":$id.*/ImportKeyMaterial$TAB\\1$TAB\\2/p"
}

check_audit() {
    load_record "$1"
    load "$2" '\t'
    log=$data
    events=$(printf '%s' "$record" |
        awk '/,"event":{"kind":"(parameters-fetched|imported)",/ { n++ } END { print n + 0 }')
    found=$(requests)
    count=$(printf '%s' "$found" | awk 'END { print NR }')
    [ "$count" -eq "$events" ] || refuse "a request of the record is not in the form that keyferry writes"
    [ "$count" -gt 0 ] || refuse "the record names no request"
    printf '%s' "$log" | awk -F '\t' '
        NF != 3 || $1 !~ /^(GetParametersForImport|ImportKeyMaterial)$/ { bad = 1 }
        $2 !~ /^[A-Za-z0-9._:\/@+=-]+$/ || $3 !~ /^[A-Za-z0-9._:\/@+=-]+$/ { bad = 1 }
        END { exit bad }' || refuse "a line of the log is not: action, key id, request id, separated by tabs"
    { printf '%s\n' "$found" | sed 's/^/R/'; printf '%s' "$log" | sed 's/^/L/'; } | awk '
        { what = substr($0, 2); n[what] += /^R/ ? 1 : -1 }
        END {
            for (what in n) {
                if (n[what] > 0) { print "only in the record: " what; bad = 1 }
                if (n[what] < 0) { print "only in the log:    " what; bad = 1 }
            }
            exit bad
        }' || refuse "the record and the log differ"
    row requests "$count, each in the record and in the log"
}

# The record, where one was given as the second argument.
load_other() {
    record=
    if [ $# -eq 2 ]; then
        load_record "$2"
    fi
}

# Refuses $data if there is a record, and its last event $1 has another digest as its member $2.
named() {
    [ -n "$record" ] || return 0
    expected=$(last_digest "$1" "$2")
    [ -n "$expected" ] || refuse "the record names no such file"
    [ "$(printf '%s' "$data" | sha256)" = "$expected" ] ||
        refuse "the record names another file: $expected"
    row record 'names this file'
}

case $#/${1-} in
    2/parameters | 3/parameters | 2/ciphertext | 3/ciphertext | 2/record | 3/audit) ;;
    *) usage ;;
esac
command=$1
shift
"check_$command" "$@"
printf 'Nothing here contradicts itself. Compare what is above with the paper and with keyferry.\n'
