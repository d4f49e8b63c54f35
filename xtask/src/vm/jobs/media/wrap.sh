# wrap, after an export.

output=ciphertext.json
line=ciphertext-written

before() { cp /tmp/exported/transcript.jsonl "$1"; }

# again FOLDER: the ceremony's command, with the record's present head.
again() {
    head=$(head_of "$1/transcript.jsonl" 2>/dev/null)
    wrap plain "$1" ${head:+--expect-head "$head"}
}
