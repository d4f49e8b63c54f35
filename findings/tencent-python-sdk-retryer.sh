#!/usr/bin/env bash
# Finding: `StandardRetryer` of Tencent Cloud's Python SDK raises an error after a retry succeeded.
#
#     findings/tencent-python-sdk-retryer.sh [COMMON-VERSION [KMS-VERSION]]
#
# Software: tencentcloud-sdk-python-common 3.1.195 and tencentcloud-sdk-python-kms 3.1.192, the
# newest on PyPI on 2026-11-29, when this was seen.
#
# Guess: a client with `StandardRetryer` that is refused once with `RequestLimitExceeded` sends a
# second request and returns its reply.
#
# Seen: it sends all of its three requests, discards both successful replies, and raises the error
# of the first request. After one retryable error the call always fails; retries only repeat the
# action. With GetParametersForImport this is worse than no retry. According to the vendor's rule,
# each fetch expires every earlier token and public key of the same key
# (ceremony/spec/tencent-kms.md §5.3). The discarded replies are such fetches: they expire the
# parameters of a pending import, although the caller sees only a failure. Without a retryer, the
# refused request expires nothing.
#
# Why: `StandardRetryer.send_request` in `tencentcloud/common/retry.py` sets `err = None` once,
# before its loop. An exception overwrites `err`, a success does not clear it.
# `should_retry(resp, err)` looks only at `err`, so the old error makes it repeat a success, and
# after the loop it raises `err`. It keeps the latest error, not always the first. `retry_async.py`
# has the same loop.
#
# What it retries: `ClientNetworkError` (any exception while sending), `ServerNetworkError` (any
# HTTP status except 200), `RequestLimitExceeded` and its `.UinLimitExceeded` and
# `.GlobalRegionUinLimitExceeded`. It waits 1, 2 and 4 seconds, the last time before it raises. By
# default nothing is retried: `ClientProfile` has no retryer, and `AbstractClient.call` then takes
# `NoopRetryer`.
#
# The vendor's rule is taken from its documentation. The script checks only the SDK: it installs
# both packages in a temporary folder and calls a stub on 127.0.0.1. It does not use keyferry. It
# needs Python 3 with venv and takes about 15 seconds. Exit code: 0 as stated here, 1 changed (each
# difference is printed), 2 not installed or not run to the end.
set -euo pipefail

common=${1-3.1.195} kms=${2-3.1.192}
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

python3 -m venv "$folder/venv" &&
    PIP_DISABLE_PIP_VERSION_CHECK=1 timeout 300 "$folder/venv/bin/pip" install -q --no-input \
        "tencentcloud-sdk-python-common==$common" "tencentcloud-sdk-python-kms==$kms" || {
    echo 'the SDK was not installed, so nothing was checked' >&2
    exit 2
}

code=0
timeout 120 "$folder/venv/bin/python" -I - <<'PYTHON' || code=$?
import http.server
import importlib.metadata
import json
import os
import sys
import threading

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.common.retry import StandardRetryer
from tencentcloud.kms.v20190118 import kms_client, models

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
KEY = "23e80852-1e38-11e9-b129-5cb9019b4b01"
LIMIT = "RequestLimitExceeded"
UIN, REGION = LIMIT + ".UinLimitExceeded", LIMIT + ".GlobalRegionUinLimitExceeded"
SERVER = "ServerNetworkError"  # the stub answers with HTTP status 502
CLIENT = "ClientNetworkError"  # the stub closes the connection without an answer
BUSY = "UnsupportedOperation.ServiceTemporaryUnavailable"  # a service error that is not retried


class Stub(http.server.BaseHTTPRequestHandler):
    """Answers with the planned errors in turn, then only with success: a new token each time."""

    planned, requests = [], 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["X-TC-Action"] == "GetParametersForImport"
        Stub.requests += 1
        error = Stub.planned.pop(0) if Stub.planned else None
        if error == CLIENT:
            return
        reply = {"RequestId": "request-%d" % Stub.requests}
        if error:
            reply["Error"] = {"Code": error, "Message": "planned"}
        else:
            token = "token-%d" % Stub.requests
            reply.update(KeyId=KEY, ImportToken=token, PublicKey="AAAA")
            reply.update(ParametersValidTo=1796000000)
        body = json.dumps({"Response": reply}).encode()
        self.send_response(502 if error == SERVER else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def fetch(port, retryer, errors):
    """One fetch by the SDK: how many requests were sent, and what the caller got."""
    Stub.planned, Stub.requests = list(errors), 0
    http_profile = HttpProfile(protocol="http", endpoint="127.0.0.1:%d" % port, reqTimeout=10)
    profile = ClientProfile(httpProfile=http_profile, retryer=retryer)
    client = kms_client.KmsClient(Credential("AKIDtest", "secret"), "ap-guangzhou", profile)
    request = models.GetParametersForImportRequest()
    request.KeyId, request.WrappingKeySpec = KEY, "RSA_2048"
    request.WrappingAlgorithm = "RSAES_OAEP_SHA_256"
    try:
        got = "returns " + client.GetParametersForImport(request).ImportToken
    except TencentCloudSDKException as error:
        got = "raises " + error.get_code()
    return Stub.requests, got


def waiting(n):
    """The default wait, noted down."""
    waits.append(StandardRetryer.backoff(n))
    return waits[-1]


def at_once(attempts=3):
    return StandardRetryer(max_attempts=attempts, backoff_fn=lambda n: 0)


waits = []
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()

# Retryer, the stub's errors before it succeeds; then as stated: requests sent, outcome.
STATED = [
    ("no retryer (default)", None, [], 1, "returns token-1"),
    ("no retryer (default)", None, [LIMIT], 1, "raises " + LIMIT),
    ("StandardRetryer", at_once(), [], 1, "returns token-1"),
    ("StandardRetryer", StandardRetryer(backoff_fn=waiting), [LIMIT], 3, "raises " + LIMIT),
    ("without waits", at_once(), [UIN], 3, "raises " + UIN),
    ("without waits", at_once(), [REGION], 3, "raises " + REGION),
    ("without waits", at_once(), [SERVER], 3, "raises " + SERVER),
    ("without waits", at_once(), [CLIENT], 3, "raises " + CLIENT),
    ("without waits, 6 attempts", at_once(6), [LIMIT], 6, "raises " + LIMIT),
    ("without waits", at_once(), [LIMIT, SERVER], 3, "raises " + SERVER),
    ("without waits", at_once(), [BUSY], 1, "raises " + BUSY),
    ("without waits", at_once(), [LIMIT, BUSY], 2, "raises " + BUSY),
]

for package in "common", "kms":
    name = "tencentcloud-sdk-python-" + package
    print(name, importlib.metadata.version(name))
changed = []
for name, retryer, errors, *stated in STATED:
    seen = list(fetch(server.server_port, retryer, errors))
    case = "%s; stub: %s" % (name, ", ".join([*errors, "success from then on"]))
    print("%s\n    requests: %d; the call %s" % (case, *seen))
    if seen != stated:
        changed.append("%s; stated: %s; seen: %s" % (case, stated, seen))
print("waits of StandardRetryer in seconds:", waits)
if waits != [1, 2, 4]:
    changed.append("waits; stated: [1, 2, 4]; seen: %s" % waits)
print("\n".join(["CHANGED"] + changed) if changed else "as stated")
sys.exit(3 if changed else 0)
PYTHON

case $code in
0) exit 0 ;;
3) exit 1 ;;
*) echo "the check did not run to its end (exit code $code)" >&2 && exit 2 ;;
esac
