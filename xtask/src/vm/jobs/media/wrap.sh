# wrap, after an export.

output=ciphertext.json
line=ciphertext-written

before() { cp /tmp/exported/transcript.jsonl "$1"; }

# again FOLDER: the command of the ceremony, with the head that the record has now.
again() {
    head=$(head_of "$1/transcript.jsonl" 2>/dev/null)
    wrap plain "$1" ${head:+--expect-head "$head"}
}
