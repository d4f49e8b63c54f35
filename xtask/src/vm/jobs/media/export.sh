# export by an online station that has fetched, as after the medium was pulled out: its session and its journal are in /station.

output=parameters.json
line=exported
date -s "@$now" >/dev/null

before() { :; }

# again FOLDER: the command of the ceremony, by a station as it was, with the plan's digest and the head that the record has now.
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
