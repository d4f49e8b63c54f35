# Production with an outsider's files: nothing is made, and no share is requested, unless a person compared them. Needs root and
# the stick EXT4. The files are in /tmp/adversary; its folders have the contents of the medium.

plan=/job/plain/plan.toml
parameters=/job/plain/parameters.json
of() { sha256sum "$1" | cut -d' ' -f1; }
paper=$(of "$parameters")
head=$(tail -n 1 /tmp/adversary/exported/transcript.jsonl | tr -d '\n' | sha256sum | cut -d' ' -f1)

# contents FOLDER: the digest and the name of every file.
contents() { (cd "$1" && find . -type f -exec sha256sum {} + | sort); }

# meet NAME MEDIUM COMMAND…: runs the command with a new folder to which the medium was copied; prints its contents before and
# afterwards.
meet() {
    what=$1
    folder=/media/EXT4/$1
    cp -r "/tmp/adversary/$2" "$folder"
    chmod 700 "$folder"
    shift 2
    step "came-$what" contents "$folder"
    step "$what" keyferry-offline "$@" --out "$folder"
    step "left-$what" contents "$folder"
}

wrap="wrap --plan $plan --parameters $parameters"
meet asked exported $wrap
meet wrong-digest exported $wrap --expect-digest "$(of "$plan")" --expect-head "$head"
meet other-keys exported wrap --plan "$plan" --parameters /tmp/adversary/other-keys.json
meet other-keys-paper exported wrap --plan "$plan" --parameters /tmp/adversary/other-keys.json --expect-digest "$paper" --expect-head "$head"
meet other-plan exported wrap --plan /tmp/adversary/other-plan.toml --parameters /tmp/adversary/other-plan.json
meet other-plan-paper exported wrap --plan /tmp/adversary/other-plan.toml --parameters /tmp/adversary/other-plan.json --expect-digest "$paper" --expect-head "$head"
meet planted planted $wrap
meet planted-paper planted $wrap --expect-digest "$paper" --expect-head "$head"
meet other-record other-record $wrap
meet other-record-digest other-record $wrap --expect-digest "$paper"
meet other-record-paper other-record $wrap --expect-digest "$paper" --expect-head "$head"

rewrap="rewrap --plan $plan --parameters $parameters --transcript /tmp/adversary/earlier.jsonl"
meet rewrap exported $rewrap
meet rewrap-digest exported $rewrap --expect-digest "$paper"
meet rewrap-paper exported $rewrap --expect-digest "$paper" --expect-head "$head"

# drill NAME OPTIONS…: runs a drill, whose record is made next to the ceremony's record.
drill() {
    what=$1
    folder=/media/EXT4/$1
    mkdir -m 700 "$folder"
    cp /tmp/adversary/earlier.jsonl "$folder/transcript.jsonl"
    shift
    step "came-$what" contents "$folder"
    step "$what" keyferry-offline drill --transcript "$folder/transcript.jsonl" "$@"
    step "left-$what" contents "$folder"
}
drill drill
drill drill-wrong-head --expect-head "$head"
drill drill-share --share

meet genuine exported $wrap --expect-digest "$paper" --expect-head "$head"
