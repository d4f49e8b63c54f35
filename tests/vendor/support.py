"""What the conformance runs share: the emulator's two ports, the vendor's client, the guide's openssl lines, and a list of cases."""

import base64
import http.client
import json
import os
import subprocess
import tempfile
import traceback

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.kms.v20190118 import kms_client, models

SECRET_ID, SECRET_KEY = "AKIDtest", "secret"
FIPS, SM = "ap-singapore", "ap-guangzhou"
MATERIAL = {FIPS: bytes(range(32)), SM: bytes(range(16))}
DAY = 86_400

# The padding options of the vendor's guide, step 3: ceremony/spec/tencent-kms.md §5.4.
OPENSSL = {
    "RSAES_PKCS1_V1_5": ["rsa_padding_mode:pkcs1"],
    "RSAES_OAEP_SHA_1": ["rsa_padding_mode:oaep", "rsa_oaep_md:sha1"],
    "RSAES_OAEP_SHA_256": ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256"],
}
ALGORITHMS = list(OPENSSL)

# The SDK's own codes for failures during transport.
SILENCE = {"ClientNetworkError", "ServerNetworkError", "ChunkedEncodingError"}


def wrap(public_key, material, algorithm="RSAES_OAEP_SHA_256"):
    """The guide's `openssl pkeyutl` line between base64 and base64."""
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        with open(path("public_key.bin"), "wb") as file:
            file.write(base64.b64decode(public_key, validate=True))
        with open(path("raw_material.bin"), "wb") as file:
            file.write(material)
        line = ["openssl", "pkeyutl", "-in", path("raw_material.bin"), "-out", path("out.bin")]
        line += ["-inkey", path("public_key.bin"), "-keyform", "DER", "-pubin", "-encrypt"]
        for option in OPENSSL[algorithm]:
            line += ["-pkeyopt", option]
        subprocess.run(line, check=True, capture_output=True)
        with open(path("out.bin"), "rb") as file:
            return base64.b64encode(file.read()).decode()


class Emulator:
    """The service's address, and the orders that a test may give."""

    def __init__(self, port, admin):
        self.host, self.admin = "127.0.0.1:" + port, int(admin)
        self.made = 0
        self.order("POST", "/reset", {})

    def order(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin)
        connection.request(method, path, None if body is None else json.dumps(body))
        reply = connection.getresponse()
        text = reply.read()
        assert reply.status == 200, (path, body, text)
        return json.loads(text)

    def now(self):
        return self.order("GET", "/clock")["unix"]

    def advance(self, seconds):
        self.order("POST", "/clock", {"advance_seconds": seconds})

    def fault(self, action, kind, **more):
        self.order("POST", "/faults", {"action": action, "fault": dict(kind=kind, **more)})

    def alias(self):
        """A name that no other case uses."""
        self.made += 1
        return "case-%d" % self.made


class Kms:
    """The vendor's client for one region; calls return dictionaries."""

    def __init__(self, emulator, region=FIPS, method="POST", sign="TC3-HMAC-SHA256", language="en-US", unsigned=False, **credential):
        http_profile = HttpProfile(protocol="http", endpoint=emulator.host, reqMethod=method)
        profile = ClientProfile(httpProfile=http_profile, signMethod=sign, language=language)
        profile.unsignedPayload = unsigned
        who = dict({"secret_id": SECRET_ID, "secret_key": SECRET_KEY}, **credential)
        self.emulator, self.region = emulator, region
        self.client = kms_client.KmsClient(Credential(**who), region, profile)

    def __getattr__(self, action):
        def call(**members):
            request = getattr(models, action + "Request")()
            request.from_json_string(json.dumps(members))
            return json.loads(getattr(self.client, action)(request).to_json_string())

        return call

    def refused(self, codes, action, **members):
        """The call is refused with one of these codes, as the SDK's own exception."""
        codes = {codes} if isinstance(codes, str) else set(codes)
        try:
            got = getattr(self, action)(**members)
        except TencentCloudSDKException as error:
            assert error.get_code() in codes, "%s, not %s: %s" % (error.get_code(), codes, error)
            assert error.get_message(), error
            # A call that failed before an answer arrived has no request id.
            assert error.get_request_id() or error.get_code() in SILENCE, error
            return error
        raise AssertionError("%s was taken: %s" % (action, got))

    def external(self):
        return self.CreateKey(Alias=self.emulator.alias(), Type=2)["KeyId"]

    def symmetric(self):
        return self.CreateKey(Alias=self.emulator.alias())["KeyId"]

    def fetch(self, key, algorithm="RSAES_OAEP_SHA_256"):
        return self.GetParametersForImport(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")

    def sealed(self, parameters, material=None, algorithm="RSAES_OAEP_SHA_256"):
        """The members of an ImportKeyMaterial request."""
        wrapped = wrap(parameters["PublicKey"], material or MATERIAL[self.region], algorithm)
        return dict(KeyId=parameters["KeyId"], ImportToken=parameters["ImportToken"], EncryptedKeyMaterial=wrapped)

    def imported(self, material=None, **more):
        """A new external key with material."""
        key = self.external()
        self.ImportKeyMaterial(**self.sealed(self.fetch(key), material), **more)
        return key

    def metadata(self, key):
        return self.DescribeKey(KeyId=key)["KeyMetadata"]

    def state(self, key):
        return self.metadata(key)["KeyState"]

    def encrypt(self, key, plaintext=b"data"):
        return self.Encrypt(KeyId=key, Plaintext=base64.b64encode(plaintext).decode())["CiphertextBlob"]

    def decrypt(self, blob):
        return base64.b64decode(self.Decrypt(CiphertextBlob=blob)["Plaintext"])


CASES = []


def case(*variants):
    """Registers a case; with variants, one case for each of them."""

    def register(function):
        for variant in variants or [()]:
            variant = variant if isinstance(variant, tuple) else (variant,)
            name = " ".join([function.__name__] + [str(part) for part in variant])
            CASES.append((name, function, variant))
        return function

    return register


def run_all(emulator, least):
    """Runs every case; ends the program with 1 when one fails or too few ran."""
    failed = 0
    for name, function, variant in CASES:
        try:
            function(emulator, *variant)
        except Exception:  # a case may fail in any way
            failed += 1
            print("FAIL", name)
            traceback.print_exc()
        finally:
            emulator.order("DELETE", "/faults")
            emulator.order("POST", "/clock", {"real": True})
    print("%d cases, %d failed" % (len(CASES), failed))
    if failed or len(CASES) < least:
        raise SystemExit(1)
