# export by an online station that has already fetched, as after the medium was pulled out: its session and its journal are in
# /station.

output=parameters.json
line=exported
date -s "@$now" >/dev/null

before() { :; }

# again FOLDER: the ceremony's command, at a station in its earlier state, with the plan's digest and the record's present head.
again() {
    head=$(head_of "$1/transcript.jsonl" 2>/dev/null)
    plan=$(sha256sum /station/plan.toml)
    rm -rf /tmp/station
    cp -r /station /tmp/station
    find /tmp/station -type d -exec chmod 700 {} +
    find /tmp/station -type f -exec chmod 600 {} +
    keyferry-online export --json --plan /tmp/station/plan.toml --out "$1" --session /tmp/station/session.json \
        --journal /tmp/station/journal --expect-plan "${plan%% *}" ${head:+--expect-head "$head"}
}
