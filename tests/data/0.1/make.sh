#!/usr/bin/env bash
# Makes the ceremonies and the fixed inputs of this folder with the programs of version 0.1.
#
#     tests/data/0.1/make.sh PROGRAMS OUT
#
# PROGRAMS is the folder of the four programs as they shipped (commit 9141caf, `target/ship`). OUT is a new folder.
# It needs root (for a network namespace), bash, jq, openssl, ssh-keygen, ip and unshare. Every ceremony is a rehearsal
# against the emulator; every key and share is thrown away. A second run makes other keys, so it cannot reproduce the
# ceremonies that are checked in: this file says how they were made.
set -euo pipefail

if [[ ${1-} != --inside ]]; then
    here=$(realpath "$(dirname "$0")")
    programs=$(realpath "$1")
    mkdir "$2"
    # A network of its own: the record of the posture check then names no interface of this machine.
    exec env -i PATH="$PATH" LANG=C.UTF-8 unshare --net "$0" --inside "$here" "$programs" "$(realpath "$2")"
fi
here=$2 programs=$3 out=$4
ip link set lo up

work=$(mktemp -d)
chmod 755 "$work"
cd "$work"
umask 022
export KEYFERRY_ENDPOINT=http://127.0.0.1:9180 XDG_STATE_HOME=$work/state
export TENCENTCLOUD_SECRET_ID=AKIDtestTESTtest0001 TENCENTCLOUD_SECRET_KEY=SECRETKEYsecretkeySECRETKEY00001
"$programs/keyferry" emulate --listen 127.0.0.1:9180 --port-file port --wrapping-keys 6 \
    --secret-id "$TENCENTCLOUD_SECRET_ID" --secret-key "$TENCENTCLOUD_SECRET_KEY" >emulator.log 2>&1 &
emulator=$!
trap 'kill "$emulator"; rm -rf "$work"' EXIT
until [[ -s port ]]; do sleep 0.1; done

say() { printf '\n== %s\n' "$*" >&2; }
online() { "$programs/keyferry-online" "$@" <<<Yes >/dev/null; }
offline() { "$programs/keyferry-offline" "$@" >/dev/null; }
# The command has to end with this exit code.
ends_with() {
    local code=$1 found=0
    shift
    "$@" || found=$?
    [[ $found == "$code" ]] || { echo "exit code $found, not $code: $*" >&2; exit 1; }
}

# The words of a share's file, in the order of their numbers.
words() {
    awk '/^ *[0-9]/ { for (i = 1; i < NF; i += 2) w[$i] = $(i + 1); n += int(NF / 2) }
        END { for (i = 1; i <= n; i++) printf "%s%s", w[i], i < n ? " " : "\n" }' "$1"
}

# Runs a command that writes shares into FOLDER: types FIRST, then reads the first COUNT shares back.
giving() {
    local folder=$1 first=$2 count=$3 pid
    shift 3
    mkfifo pipe
    "$@" <pipe &
    pid=$!
    exec 3>pipe
    printf '%s' "$first" >&3
    until [[ -e $folder/share-3-of-3.txt ]] || ! kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    for n in $(seq "$count"); do words "$folder/share-$n-of-3.txt"; done >&3
    exec 3>&-
    rm pipe
    wait "$pid"
}

# plan CEREMONY ALGORITHM: the beginning of a plan. The other functions print its further tables.
plan() { printf 'format = "keyferry/plan/1"\nceremony = "%s"\npurpose = "rehearsal"\nalgorithm = "%s"\n' "$1" "$2"; }
person() {
    printf '[[participant]]\nname = "%s"\nrole = "%s"\n' "$1" "$2"
    if [[ -n ${3-} ]]; then printf 'ssh_key = "%s"\n' "$(<"$3.pub")"; fi
}
people() { person 'Ada Byron' operator; person '王小明' witness; }
key() { printf '[[key]]\nalias = "%s"\nprovider = "tencent"\nregion = "%s"\nvalid_to = "%s"\n' "$1" "$2" "${3-never}"; }
no_backup() { printf '[backup]\nscheme = "none"\nreason = "a rehearsal: the material protects nothing"\n'; }
slip39() { printf '[backup]\nscheme = "slip39"\nthreshold = 2\nshares = 3\n'; }

# The first steps of a ceremony: keys, then parameters. Plan from standard input; works in SHAPE.
begin() {
    say "$1"
    mkdir -p "$1/record"
    cat >"$1/draft.toml"
    online create-key --plan "$1/draft.toml" --out "$1/record/plan.toml" --transcript "$1/record/transcript.jsonl"
    online export --plan "$1/record/plan.toml" --out "$1/record" --session "$1/session.json"
}
# wrap SHAPE FLAG...
wrap() {
    local shape=$1
    shift
    offline wrap --plan "$shape/record/plan.toml" --parameters "$shape/record/parameters.json" --out "$shape/record" "$@"
}
import() {
    local shape=$1
    shift
    online import --session "$shape/session.json" --ciphertext "$shape/record/ciphertext.json" "$@"
}
# A plan for the keys of an earlier ceremony: next_plan FROM CEREMONY
next_plan() {
    local head
    head=$(tail -n 1 "$1/record/transcript.jsonl" | tr -d '\n' | sha256sum | cut -d' ' -f1)
    sed -e "s/^ceremony = .*/ceremony = \"$2\"/" -e "s/^\[\[key\]\]/&\nprevious_record = \"$head\"/" "$1/record/plan.toml"
}

say "people's keys"
mkdir people
ssh-keygen -q -N '' -C rehearsal -t ed25519 -f people/operator
ssh-keygen -q -N '' -C rehearsal -t ecdsa -b 256 -f people/witness-1
ssh-keygen -q -N '' -C rehearsal -t rsa -b 3072 -f people/witness-2

# One key, nothing special.
{ plan one-key-0.1 RSAES_OAEP_SHA_256; people; key one-key ap-singapore; no_backup; } | begin one-key
wrap one-key <<<Yes
import one-key

# Three keys in both editions, PKCS#1 v1.5, entropy of two operators and a line of text, the time confirmed by the plan.
{
    plan several-keys-0.1 RSAES_PKCS1_V1_5
    people
    key several-fips ap-singapore
    key several-guomi ap-guangzhou
    key several-later eu-frankfurt 2037-12-31T16:00:00Z
    no_backup
    printf '[posture]\nrequire = ["clock-confirmed"]\n'
    printf '[clock]\nnot_before = "%s"\nnot_after = "%s"\n' \
        "$(date -u -d '-1 hour' +%FT%TZ)" "$(date -u -d '+2 hours' +%FT%TZ)"
} | begin several-keys
# Commitments and their contents: ceremony/operate/entropy-vectors.json, "two operators".
wrap several-keys --entropy two-operators --entropy text <<'LINES'
Yes
af93f4ca1c86893aa854783f0002725107a56f9379b8aaaf145049e2ad06c44f
4361c6c7b7640ea95e3538dd2877e71314cb84dd2c55854e816f2aa8797fab2d
654e2c87d7820cbeb1b5b550f4316654 Ada: 3 5 5 1 6
e889d30b85421e8cc830d15f3b5008c1 Bo: a page of a book
never use this line: 天地玄黄 1234
LINES
import several-keys

# One key, 2 of 3 shares of its material, custodians; both kinds of drill.
custodians() { for name in "$@"; do person "$name" custodian; done; }
{
    plan shares-0.1 RSAES_OAEP_SHA_256
    people
    custodians 'Cyrus <b>' '欧阳明月' 'Eve & Sons'
    key shared ap-guangzhou
    slip39
} | begin shares
mkdir shares/shares
giving shares/shares $'Yes\n' 3 wrap shares --shares files=shares/shares
import shares
share() { words "$1/shares/share-$2-of-3.txt"; }
{ share shares 3; share shares 1; } | offline drill --transcript shares/record/transcript.jsonl
share shares 2 | offline drill --transcript shares/record/transcript.jsonl --share

# Two keys under one escrow. A first run is cut short after two shares: they become void. Then drills, one of which fails.
{
    plan shares-several-keys-0.1 RSAES_OAEP_SHA_256
    people
    custodians Cy Di Eve
    key escrowed-fips ap-singapore
    key escrowed-guomi ap-guangzhou
    slip39
} | begin shares-several-keys
mkdir shares-several-keys/{shares,void}
ends_with 1 giving shares-several-keys/void $'Yes\n' 2 wrap shares-several-keys --shares files=shares-several-keys/void
giving shares-several-keys/shares $'Yes\n' 3 wrap shares-several-keys --shares files=shares-several-keys/shares --void-shares
import shares-several-keys
drill=(drill --transcript shares-several-keys/record/transcript.jsonl)
escrow=(--escrow shares-several-keys/record/escrow.json)
{ share shares-several-keys 1; share shares-several-keys 2; } | offline "${drill[@]}" "${escrow[@]}"
share shares-several-keys 3 | offline "${drill[@]}" --share
share shares-several-keys 1 | ends_with 1 offline "${drill[@]}" "${escrow[@]}"

# The key of `shares` recovered from two of them for new parameters; the service proves the backup.
say recovery
mkdir -p recovery/record
next_plan shares recovery-0.1 >recovery/record/plan.toml
online export --plan recovery/record/plan.toml --out recovery/record --session recovery/session.json
{ echo Yes; share shares 2; share shares 3; } | offline rewrap --plan recovery/record/plan.toml \
    --parameters recovery/record/parameters.json --out recovery/record --transcript shares/record/transcript.jsonl
import recovery --prove-backup

# Both keys of `shares-several-keys` with a new set of shares for other custodians, and a new escrow.
say new-shares
mkdir -p new-shares/{record,shares}
next_plan shares-several-keys new-shares-0.1 |
    sed -e 's/"Cy"/"Fay"/' -e 's/"Di"/"郭靖"/' -e 's/"Eve"/"Hal"/' >new-shares/record/plan.toml
online export --plan new-shares/record/plan.toml --out new-shares/record --session new-shares/session.json
old=$(echo Yes; share shares-several-keys 3; share shares-several-keys 1; echo .)
giving new-shares/shares "${old%.}" 3 offline rewrap --plan new-shares/record/plan.toml \
    --parameters new-shares/record/parameters.json --out new-shares/record \
    --transcript shares-several-keys/record/transcript.jsonl "${escrow[@]}" --new-shares --shares files=new-shares/shares
import new-shares --prove-backup
{ share new-shares 3; share new-shares 2; } | offline drill --transcript new-shares/record/transcript.jsonl \
    --escrow new-shares/record/escrow.json

# OAEP with SHA-1, signed by three people: with the program (Ed25519) and with ssh-keygen (ECDSA, RSA).
{
    plan signed-0.1 RSAES_OAEP_SHA_1
    person 'Ada Byron' operator people/operator
    person '王小明 <b>' witness people/witness-1
    person 'Bo' witness people/witness-2
    key signed ap-singapore
    no_backup
} | begin signed
wrap signed <<<Yes
import signed
mkdir signed/record/signatures
"$programs/keyferry" sign signed/record --key people/operator >/dev/null
for n in 1 2; do
    ssh-keygen -q -Y sign -n keyferry-record -f "people/witness-$n" \
        <signed/record/transcript.jsonl >"signed/record/signatures/witness-$n.sig"
done

# Nobody has a key, and nearly everything that is a deviation: a key that the service does not know, a time given by hand,
# a check lowered, one waived, a digest given, a published seed, notes, a tail that a crash left.
{
    plan unsigned-0.1 RSAES_OAEP_SHA_256
    people
    key unsigned ap-singapore
    key unknown ap-singapore
    printf 'key_id = "23e80852-1e38-11e9-b129-5cb9019b4b01"\n'
    no_backup
    printf '[posture]\nrequire = ["secure-boot"]\n[[posture.waive]]\ncheck = "no-swap"\nreason = "a desk for practice"\n'
} >unsigned.toml
say unsigned
mkdir -p unsigned/record
online create-key --plan unsigned.toml --out unsigned/record/plan.toml --transcript unsigned/record/transcript.jsonl
ends_with 4 online export --plan unsigned/record/plan.toml --out unsigned/record --session unsigned/session.json
printf '{"seq":9,"prev":"' >>unsigned/record/transcript.jsonl
wrap unsigned --now "$(date -u -d '+3 minutes' +%FT%TZ)" --lower secure-boot --rehearsal-seed "$(printf '5eed%.0s' {1..16})" \
    --expect-digest "$(sha256sum unsigned/record/parameters.json | cut -d' ' -f1)" </dev/null
offline note --transcript unsigned/record/transcript.jsonl --by '王小明' --text '封条 4711 已破损 <i>'
import unsigned
online note --transcript unsigned/record/transcript.jsonl --by Mallory --text 'who is not in the plan'

# Nothing but lines of symbols crosses. Of a long file two frames more than needed are shown: the first and the third are lost.
say qr-lines
mkdir -p qr-lines/{record,lines} qr/{online,offline}
{ plan qr-lines-0.1 RSAES_OAEP_SHA_256; people; key qr-fips ap-singapore; key qr-guomi ap-guangzhou; no_backup; } >qr/draft.toml
online create-key --plan qr/draft.toml --out qr/online/plan.toml --transcript qr/online/transcript.jsonl
online export --plan qr/online/plan.toml --out qr/online --session qr-lines/session.json
# cross FROM TO FILE VERSION LINES: one symbol makes a picture, several a folder of them.
cross() {
    local pictures=qr/$5.png
    case $4 in 40) ;; *) mkdir "$pictures" ;; esac
    "$programs/keyferry-$1" show "qr/$1/$3" --png "$pictures" --qr-version "$4" >/dev/null
    "$programs/keyferry-scan" "$pictures" >qr/seen
    awk -v all="$(wc -l <qr/seen)" 'all == 1 || NR != 1 && NR != 3' qr/seen >"qr-lines/lines/$5.txt"
    "$programs/keyferry-$2" receive --out "qr/$2/$3" --from "qr-lines/lines/$5.txt" >/dev/null
    cmp "qr/$1/$3" "qr/$2/$3"
}
cross online offline plan.toml 40 plan
cross online offline parameters.json 15 parameters
cross online offline transcript.jsonl 10 transcript-out
offline wrap --plan qr/offline/plan.toml --parameters qr/offline/parameters.json --out qr/offline <<<Yes
cross offline online ciphertext.json 40 ciphertext
rm qr/online/transcript.jsonl
cross offline online transcript.jsonl 15 transcript-back
online import --session qr-lines/session.json --ciphertext qr/online/ciphertext.json
cp qr/online/{plan.toml,parameters.json,ciphertext.json,transcript.jsonl} qr-lines/record/

# What the programs of 0.1 say of each record.
declare -A previous=([recovery]=shares [new-shares]=shares-several-keys)
for shape in one-key several-keys shares shares-several-keys recovery new-shares signed unsigned qr-lines; do
    say "$shape: verified and reported"
    before=()
    if [[ -n ${previous[$shape]-} ]]; then before=(--previous "${previous[$shape]}/record"); fi
    mkdir -p "$out/$shape"
    "$programs/keyferry" verify --json "$shape/record" "${before[@]}" 2>/dev/null | jq -c . >"$out/$shape/verify.json"
    "$programs/keyferry" report --lang en "$shape/record" --out report.html --md report.md >/dev/null 2>&1
    # Digests, key ids, KCVs, fingerprints of keys, times: what is a fact and no wording.
    grep -oE '\b([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{6}|SHA256:[A-Za-z0-9+/]{43}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z)\b' \
        report.md | LC_ALL=C sort -u >"$out/$shape/report-facts.txt"
    rm report.html report.md
    for part in record shares lines session.json; do
        if [[ -e $shape/$part ]]; then cp -r "$shape/$part" "$out/$shape/$part"; fi
    done
done

# The fixed input: plan, parameters to a wrapping key whose private half is known, a time and a seed; and what wrap makes of it.
say fixed-input
mkdir fixed "$out/fixed-input"
cd fixed
spki=$(openssl enc -base64 -A -in "$here/../rsa2048.der")
seed=$(printf '5eed%.0s' {1..16})
fixed() {
    mkdir "$1" "$out/fixed-input/$1"
    cat >"$1/draft.toml"
    online create-key --plan "$1/draft.toml" --out "$1/plan.toml"
    online export --plan "$1/plan.toml" --out "$1" --session "$1/session.json"
    rm "$1/transcript.jsonl"
    sed -i "s|^\( *\"public_key\": \)\".*\"|\1\"$spki\"|" "$1/parameters.json"
    cp "$1/plan.toml" "$1/parameters.json" "$out/fixed-input/$1/"
}
two() { key "$1-fips" ap-singapore; key "$1-guomi" ap-guangzhou; }
{ plan fixed-oaep-sha256 RSAES_OAEP_SHA_256; people; two oaep-sha256; no_backup; } | fixed oaep-sha256
{ plan fixed-oaep-sha1 RSAES_OAEP_SHA_1; people; two oaep-sha1; no_backup; } | fixed oaep-sha1
{ plan fixed-pkcs1 RSAES_PKCS1_V1_5; people; two pkcs1; no_backup; } | fixed pkcs1
{ plan fixed-shares RSAES_OAEP_SHA_256; people; key fixed-shares ap-singapore; slip39; } | fixed shares
{ plan fixed-escrow RSAES_OAEP_SHA_256; people; two escrow; slip39; } | fixed escrow
now=$(date -u -d '+10 minutes' +%FT%TZ)
echo "$now" >"$out/fixed-input/now"
echo "$seed" >"$out/fixed-input/seed"
row() { printf '%-28s %s  %s\n' "$1" "$(sha256sum | cut -d' ' -f1)" "$2"; }
{
    cat <<'HEAD'
# What keyferry 0.1 (commit 9141caf) makes of the fixed input: name, SHA-256, what was digested. Each row by
#   wrap --plan plan.toml --parameters parameters.json --out . --now $(<now) --rehearsal-seed $(<seed)
# and the rows of `shares` and `escrow` with --shares files=shares, every share typed back. They do not depend on the
# folder, the user, the locale, the time zone or the number of processors. Two outputs do:
# - A share's file holds sentences in the language of the locale, so a share is digested as its words: one space between
#   two words, a line feed at the end.
# - transcript.jsonl holds the machine's clock (`time`, `clock`, and `prev`, which is a digest of the line before), the
#   program (`program`, `program_sha256`), the machine (`findings`) and the protections of its kernel (members of
#   `confined`). It has no row: it is compared with transcript.jsonl of each folder after these members are taken out.
HEAD
    for case in oaep-sha256 oaep-sha1 pkcs1 shares escrow; do
        args=(offline wrap --plan "$case/plan.toml" --parameters "$case/parameters.json" --out "$case" --now "$now" --rehearsal-seed "$seed")
        case $case in
        shares | escrow)
            mkdir "$case/shares"
            giving "$case/shares" $'Yes\n' 3 "${args[@]}" --shares "files=$case/shares"
            ;;
        *) "${args[@]}" <<<Yes ;;
        esac
        row "$case/ciphertext.json" "the file" <"$case/ciphertext.json"
        if [[ -e $case/escrow.json ]]; then row "$case/escrow.json" "the file" <"$case/escrow.json"; fi
        if [[ -d $case/shares ]]; then
            for n in 1 2 3; do row "$case/share-$n" "the words" < <(words "$case/shares/share-$n-of-3.txt"); done
        fi
        cp "$case/transcript.jsonl" "$out/fixed-input/$case/"
    done
} >"$out/fixed-input/digests.txt"
say "made: $out"
