"""The vendor's command line, unmodified, against the emulator: the guide's commands in the guide's order.

Usage: cli.py TCCLI PORT ADMIN-PORT. HOME is a separate folder, because tccli logs its command lines there, including secrets."""

import base64
import json
import os
import re
import subprocess
import sys

from support import *  # the run's vocabulary

TCCLI = None


def tccli(emulator, action, *more, region=FIPS, key=SECRET_KEY):
    """Exit code, standard output, and standard error."""
    environment = dict(os.environ, TENCENTCLOUD_SECRET_ID=SECRET_ID, TENCENTCLOUD_SECRET_KEY=key, TENCENTCLOUD_REGION=region)
    line = [TCCLI, "kms", action, *more, "--endpoint", "http://" + emulator.host]
    done = subprocess.run(line, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def done(emulator, action, *more, **where):
    code, out, err = tccli(emulator, action, *more, **where)
    assert code == 0, (action, code, out, err)
    return json.loads(out)


def refused(emulator, code, action, *more, **where):
    exit_code, _, err = tccli(emulator, action, *more, **where)
    assert exit_code == 255 and ("code:%s message:" % code) in err, (action, exit_code, err)


def import_into(emulator, key, algorithm, material, region):
    """Steps 2 to 4 of the guide."""
    ask = ["--KeyId", key, "--WrappingAlgorithm", algorithm, "--WrappingKeySpec", "RSA_2048"]
    parameters = done(emulator, "GetParametersForImport", *ask, region=region)
    wrapped = wrap(parameters["PublicKey"], material, algorithm)
    given = ["--EncryptedKeyMaterial", wrapped, "--ImportToken", parameters["ImportToken"], "--KeyId", key]
    return tccli(emulator, "ImportKeyMaterial", *given, region=region)


@case(*[(r, a) for r in (FIPS, SM) for a in ALGORITHMS])
def guide(emulator, region, algorithm):
    key = done(emulator, "CreateKey", "--Alias", emulator.alias(), "--Type", "2", region=region)["KeyId"]
    assert import_into(emulator, key, algorithm, MATERIAL[region], region)[0] == 0
    about = done(emulator, "DescribeKey", "--KeyId", key, region=region)["KeyMetadata"]
    assert about["KeyState"] == "Enabled" and about["Origin"] == "EXTERNAL"
    plaintext = base64.b64encode(b"data").decode()
    blob = done(emulator, "Encrypt", "--KeyId", key, "--Plaintext", plaintext, region=region)["CiphertextBlob"]
    done(emulator, "DeleteImportedKeyMaterial", "--KeyId", key, region=region)
    refused(emulator, "ResourceUnavailable.CmkStateNotSupport", "Decrypt", "--CiphertextBlob", blob, region=region)
    code, _, err = import_into(emulator, key, algorithm, MATERIAL[region][::-1], region)
    assert code == 255 and "InvalidParameterValue.MaterialNotMatch" in err, err
    assert import_into(emulator, key, algorithm, MATERIAL[region], region)[0] == 0
    opened = done(emulator, "Decrypt", "--CiphertextBlob", blob, region=region)
    assert opened["Plaintext"] == plaintext and opened["KeyId"] == key


@case()
def waits_for_a_state(emulator):
    key = done(emulator, "CreateKey", "--Alias", emulator.alias(), "--Type", "2")["KeyId"]
    waiter = "{'expr':'KeyMetadata.KeyState','to':'PendingImport','timeout':10,'interval':1}"
    assert tccli(emulator, "DescribeKey", "--KeyId", key, "--waiter", waiter)[0] == 0
    ways = ["--filter", "KeyMetadata.KeyState", "--language", "en-US"]
    assert done(emulator, "DescribeKey", "--KeyId", key, *ways) == "PendingImport"


@case()
def end_of_life(emulator):
    key = done(emulator, "CreateKey", "--Alias", emulator.alias(), "--Type", "2")["KeyId"]
    window = ["--KeyId", key, "--PendingWindowInDays"]
    refused(emulator, "InvalidParameter.InvalidPendingWindowInDays", "ScheduleKeyDeletion", *window, "6")
    done(emulator, "ScheduleKeyDeletion", *window, "7")
    done(emulator, "CancelKeyDeletion", "--KeyId", key)
    refused(emulator, "ResourceUnavailable.CmkNotPendingDelete", "CancelKeyDeletion", "--KeyId", key)


@case()
def wrong_key(emulator):
    refused(emulator, "AuthFailure.SignatureFailure", "GetRegions", key="other")


@case()
def refusals_are_no_successes(emulator):
    """With any other content type tccli would print nulls and exit with 0."""
    refused(emulator, "InvalidParameterValue.InvalidKeyId", "DescribeKey", "--KeyId", "no-id")
    emulator.fault("DescribeKey", "error", code="RequestLimitExceeded")
    refused(emulator, "RequestLimitExceeded", "DescribeKey", "--KeyId", "no-id")


@case()
def as_pasted_from_the_guide(emulator):
    """The `tccli` block of ceremony/spec/emulator.md; its other blocks run in tests/e2e/front_door.rs."""
    guide = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ceremony/spec/emulator.md")
    with open(guide, encoding="utf-8") as file:
        blocks = re.findall(r"^```sh\n(.*?)^```", file.read(), re.DOTALL | re.MULTILINE)
    [block] = [block for block in blocks if block.startswith("tccli ")]
    path = os.path.dirname(os.path.abspath(TCCLI)) + os.pathsep + os.environ["PATH"]
    set_before = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": SECRET_KEY, "endpoint": "http://" + emulator.host}
    shell = ["bash", "-euo", "pipefail", "-c", block]
    pasted = subprocess.run(shell, env=dict(os.environ, PATH=path, **set_before), capture_output=True, text=True)
    assert pasted.returncode == 0, (block, pasted.stdout, pasted.stderr)
    assert json.loads(pasted.stdout)["KeyState"] == "PendingImport"


if __name__ == "__main__":
    TCCLI = sys.argv[1]
    run_all(Emulator(*sys.argv[2:4]), least=11)
