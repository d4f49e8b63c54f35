"""The vendor's SDK, unmodified, against the emulator: the guide's four steps and its rules, every state, many codes.

Usage: sdk.py PORT ADMIN-PORT. Expectations come from the vendor's guide and API pages (ceremony/spec/tencent-kms.md §1 to §9), not from
what the emulator does. Where those say nothing, every defensible answer is accepted."""

import base64
import http.client
import sys
import time

from support import *  # the run's vocabulary

METHODS = [(m, s) for m in ("POST", "GET") for s in ("TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1")]
EXPIRED = "ResourceUnavailable.TokenExpired"
BAD_MATERIAL = {"InvalidParameter.DecryptMaterialError", "InvalidParameter"}
BAD_STATE = {"ResourceUnavailable.CmkStateNotSupport", "ResourceUnavailable.CmkDisabled"}
NOBODY = "23e80852-1e38-11e9-b129-5cb9019b4b01"


# The four steps.


@case(*[(r, a, m, s) for r in (FIPS, SM) for a in ALGORITHMS for m, s in METHODS if m == "POST" or a == ALGORITHMS[2]])
def four_steps(emulator, region, algorithm, method, sign):
    kms = Kms(emulator, region, method, sign)
    created = kms.CreateKey(Alias=emulator.alias(), Type=2, Description="\u5bc6\u94a5")
    key = created["KeyId"]
    assert created["KeyState"] == "PendingImport", created
    parameters = kms.fetch(key, algorithm)
    assert len(base64.b64decode(parameters["PublicKey"])) == 294
    assert abs(parameters["ParametersValidTo"] - emulator.now() - DAY) < 60
    kms.ImportKeyMaterial(**kms.sealed(parameters, algorithm=algorithm))
    about = kms.metadata(key)
    assert (about["KeyState"], about["Origin"], about["ValidTo"]) == ("Enabled", "EXTERNAL", 0), about
    assert about["Type"] == (4 if region == SM else 2) and about["Description"] == "\u5bc6\u94a5", about
    assert kms.decrypt(kms.encrypt(key)) == b"data"


@case()
def unsigned_payload(emulator):
    kms = Kms(emulator, unsigned=True)
    assert kms.decrypt(kms.encrypt(kms.imported())) == b"data"


# Tokens.


@case()
def token_is_reusable(emulator):
    kms = Kms(emulator)
    key = kms.external()
    request = kms.sealed(kms.fetch(key))
    for valid_to in (0, emulator.now() + DAY, 0):
        kms.ImportKeyMaterial(ValidTo=valid_to, **request)
        assert kms.metadata(key)["ValidTo"] == valid_to


@case()
def later_fetch_wins(emulator):
    kms = Kms(emulator)
    key = kms.external()
    first, second = kms.fetch(key), kms.fetch(key)
    assert first["PublicKey"] != second["PublicKey"] and first["ImportToken"] != second["ImportToken"]
    kms.refused(EXPIRED, "ImportKeyMaterial", **kms.sealed(first))
    mixed = dict(kms.sealed(first), ImportToken=second["ImportToken"])
    kms.refused(BAD_MATERIAL, "ImportKeyMaterial", **mixed)
    assert kms.state(key) == "PendingImport"
    kms.ImportKeyMaterial(**kms.sealed(second))


@case(DAY - 60, DAY + 60)
def token_lives_a_day(emulator, seconds):
    kms = Kms(emulator)
    key = kms.external()
    request = kms.sealed(kms.fetch(key))
    emulator.advance(seconds)
    if seconds < DAY:
        kms.ImportKeyMaterial(**request)
    else:
        kms.refused(EXPIRED, "ImportKeyMaterial", **request)
        assert kms.state(key) == "PendingImport"


@case()
def token_of_another_key(emulator):
    kms = Kms(emulator)
    one, two = kms.fetch(kms.external()), kms.fetch(kms.external())
    kms.refused({EXPIRED} | BAD_MATERIAL, "ImportKeyMaterial", **dict(kms.sealed(one), KeyId=two["KeyId"]))
    assert kms.state(two["KeyId"]) == "PendingImport"


@case("", "AAAA", "no base64!", "A" * 128)
def token_of_nobody(emulator, token):
    kms = Kms(emulator)
    request = dict(kms.sealed(kms.fetch(kms.external())), ImportToken=token)
    kms.refused({EXPIRED, "InvalidParameter"}, "ImportKeyMaterial", **request)


# Material.


@case(*[(r, n) for r in (FIPS, SM) for n in (1, 15, 16, 17, 24, 31, 32, 33) if n != len(MATERIAL[r])])
def wrong_length(emulator, region, length):
    kms = Kms(emulator, region)
    key = kms.external()
    kms.refused(BAD_MATERIAL, "ImportKeyMaterial", **kms.sealed(kms.fetch(key), b"m" * length))
    # Nothing is bound by a refused import.
    assert kms.state(key) == "PendingImport"
    kms.ImportKeyMaterial(**kms.sealed(kms.fetch(key)))


@case(*[(a, b) for a in ALGORITHMS for b in ALGORITHMS if a != b])
def wrong_padding(emulator, asked, used):
    kms = Kms(emulator)
    key = kms.external()
    kms.refused(BAD_MATERIAL, "ImportKeyMaterial", **kms.sealed(kms.fetch(key, asked), algorithm=used))
    assert kms.state(key) == "PendingImport"


@case(*ALGORITHMS)
def damaged_ciphertext(emulator, algorithm):
    kms = Kms(emulator)
    key = kms.external()
    request = kms.sealed(kms.fetch(key, algorithm), algorithm=algorithm)
    good = bytearray(base64.b64decode(request["EncryptedKeyMaterial"]))
    for bad in (good[:-1], good + b"\0", bytes([good[0] ^ 1]) + good[1:], bytes(256), b"\xff" * 256):
        request["EncryptedKeyMaterial"] = base64.b64encode(bytes(bad)).decode()
        kms.refused(BAD_MATERIAL, "ImportKeyMaterial", **request)
    request["EncryptedKeyMaterial"] = "no base64!"
    kms.refused(BAD_MATERIAL, "ImportKeyMaterial", **request)
    assert kms.state(key) == "PendingImport"


@case()
def bound_for_life(emulator):
    kms = Kms(emulator)
    key = kms.imported()
    blob = kms.encrypt(key)
    other = kms.sealed(kms.fetch(key), b"another material of thirty-two b")
    kms.refused("InvalidParameterValue.MaterialNotMatch", "ImportKeyMaterial", **other)
    assert kms.state(key) == "Enabled" and kms.decrypt(blob) == b"data"
    kms.DeleteImportedKeyMaterial(KeyId=key)
    other = kms.sealed(kms.fetch(key), b"another material of thirty-two b")
    kms.refused("InvalidParameterValue.MaterialNotMatch", "ImportKeyMaterial", **other)
    assert kms.state(key) == "PendingImport"


@case()
def deleted_and_brought_back(emulator):
    kms = Kms(emulator)
    key = kms.imported()
    blob = kms.encrypt(key)
    kms.DeleteImportedKeyMaterial(KeyId=key)
    assert kms.state(key) == "PendingImport"
    kms.refused(BAD_STATE, "Encrypt", KeyId=key, Plaintext="AAAA")
    kms.refused(BAD_STATE, "Decrypt", CiphertextBlob=blob)
    kms.ImportKeyMaterial(**kms.sealed(kms.fetch(key)))
    assert kms.state(key) == "Enabled" and kms.decrypt(blob) == b"data"


@case()
def same_material_in_two_keys(emulator):
    kms = Kms(emulator)
    one, two = kms.imported(), kms.imported()
    blob = kms.encrypt(one)
    assert kms.Decrypt(CiphertextBlob=blob)["KeyId"] == one
    kms.DisableKey(KeyId=one)
    kms.refused("ResourceUnavailable.CmkDisabled", "Decrypt", CiphertextBlob=blob)
    assert kms.decrypt(kms.encrypt(two)) == b"data"


@case("delete", "fetch", "import")
def only_external_keys(emulator, what):
    kms = Kms(emulator)
    key = kms.symmetric()
    if what == "fetch":
        call = ("GetParametersForImport", dict(KeyId=key, WrappingAlgorithm=ALGORITHMS[0], WrappingKeySpec="RSA_2048"))
    elif what == "delete":
        call = ("DeleteImportedKeyMaterial", dict(KeyId=key))
    else:
        call = ("ImportKeyMaterial", dict(kms.sealed(kms.fetch(kms.external())), KeyId=key))
    kms.refused("UnsupportedOperation.NotExternalCmk", call[0], **call[1])


@case(("WrappingAlgorithm", "RSAES_OAEP_SHA_512"), ("WrappingAlgorithm", "SM2"), ("WrappingKeySpec", "RSA_4096"), ("WrappingKeySpec", ""))
def wrong_wrapping(emulator, name, value):
    kms = Kms(emulator)
    good = dict(KeyId=kms.external(), WrappingAlgorithm=ALGORITHMS[0], WrappingKeySpec="RSA_2048")
    kms.refused("InvalidParameter", "GetParametersForImport", **dict(good, **{name: value}))


# Expiry.


@case()
def material_expires(emulator):
    kms = Kms(emulator)
    until = emulator.now() + 3600
    key = kms.imported(ValidTo=until)
    blob = kms.encrypt(key)
    assert kms.metadata(key)["ValidTo"] == until
    emulator.advance(3700)
    listed = kms.ListKeyDetail(SearchKeyAlias=key)["KeyMetadatas"]
    assert [k["KeyState"] for k in listed] == ["PendingImport"]
    assert kms.state(key) == "PendingImport"
    kms.refused(BAD_STATE, "Encrypt", KeyId=key, Plaintext="AAAA")
    kms.refused(BAD_STATE, "Decrypt", CiphertextBlob=blob)
    kms.ImportKeyMaterial(ValidTo=0, **kms.sealed(kms.fetch(key)))
    assert kms.metadata(key)["ValidTo"] == 0 and kms.decrypt(blob) == b"data"


@case()
def expiry_is_replaced(emulator):
    kms = Kms(emulator)
    key = kms.imported(ValidTo=emulator.now() + 3600)
    kms.ImportKeyMaterial(ValidTo=emulator.now() + 2 * DAY, **kms.sealed(kms.fetch(key)))
    emulator.advance(DAY)
    assert kms.state(key) == "Enabled"


@case(("past", -1), ("now", 0), ("beyond 2038", None))
def valid_to_limits(emulator, _, ahead):
    kms = Kms(emulator)
    key = kms.external()
    valid_to = 2147443201 if ahead is None else emulator.now() + ahead
    request = kms.sealed(kms.fetch(key))
    kms.refused("InvalidParameter", "ImportKeyMaterial", ValidTo=valid_to, **request)
    assert kms.state(key) == "PendingImport"
    kms.ImportKeyMaterial(ValidTo=2147443200, **request)


# A key's states.


@case()
def disabled_and_enabled(emulator):
    kms = Kms(emulator)
    key = kms.imported()
    blob = kms.encrypt(key)
    kms.DisableKey(KeyId=key)
    assert kms.state(key) == "Disabled"
    kms.refused("ResourceUnavailable.CmkDisabled", "Encrypt", KeyId=key, Plaintext="AAAA")
    kms.refused("ResourceUnavailable.CmkDisabled", "Decrypt", CiphertextBlob=blob)
    kms.refused("ResourceUnavailable.CmkStateNotSupport", "ImportKeyMaterial", **kms.sealed(kms.fetch(key)))
    kms.EnableKey(KeyId=key)
    assert kms.decrypt(blob) == b"data"


@case("EnableKey", "DisableKey")
def without_material(emulator, action):
    kms = Kms(emulator)
    kms.refused("ResourceUnavailable.CmkStateNotSupport", action, KeyId=kms.external())


@case(-1, 0, 6, 31)
def deletion_window(emulator, days):
    kms = Kms(emulator)
    key = kms.external()
    # The model's integers are unsigned, so a negative one may fail as a parameter already.
    codes = {"InvalidParameter.InvalidPendingWindowInDays"} | ({"InvalidParameter"} if days < 0 else set())
    kms.refused(codes, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)
    assert kms.state(key) == "PendingImport"


@case(7, 30)
def deletion(emulator, days):
    kms = Kms(emulator)
    key = kms.imported()
    ask = dict(KeyId=key, PendingWindowInDays=days)
    kms.refused("ResourceUnavailable.CmkShouldBeDisabled", "ScheduleKeyDeletion", **ask)
    kms.DisableKey(KeyId=key)
    date = kms.ScheduleKeyDeletion(**ask)["DeletionDate"]
    assert days * DAY - 60 <= date - emulator.now() <= (days + 1) * DAY
    about = kms.metadata(key)
    assert (about["KeyState"], about["DeletionDate"]) == ("PendingDelete", date)
    kms.refused("ResourceUnavailable.CmkStateNotSupport", "EnableKey", KeyId=key)
    kms.refused({"ResourceUnavailable.CmkStateNotSupport", "InvalidParameter"}, "UpdateAlias", KeyId=key, Alias=emulator.alias())
    kms.refused(BAD_STATE, "Encrypt", KeyId=key, Plaintext="AAAA")
    assert key not in [k["KeyId"] for k in kms.ListKeys(Limit=200)["Keys"]]
    assert kms.CancelKeyDeletion(KeyId=key)["KeyId"] == key
    assert kms.state(key) == "Disabled" and kms.metadata(key)["DeletionDate"] == 0
    kms.ScheduleKeyDeletion(**ask)
    emulator.advance((days + 1) * DAY)
    kms.refused("ResourceUnavailable.CmkNotFound", "DescribeKey", KeyId=key)


@case()
def deletion_without_material(emulator):
    kms = Kms(emulator)
    key = kms.external()
    kms.ScheduleKeyDeletion(KeyId=key, PendingWindowInDays=7)
    assert kms.state(key) == "PendingDelete"
    kms.CancelKeyDeletion(KeyId=key)
    assert kms.state(key) == "PendingImport"
    kms.refused("ResourceUnavailable.CmkNotPendingDelete", "CancelKeyDeletion", KeyId=key)


@case()
def external_keys_do_not_rotate(emulator):
    kms = Kms(emulator)
    kms.refused("UnsupportedOperation.ExternalCmkCanNotRotate", "EnableKeyRotation", KeyId=kms.imported())


@case()
def archived(emulator):
    kms = Kms(emulator)
    key = kms.imported()
    blob = kms.encrypt(key)
    kms.ArchiveKey(KeyId=key)
    assert kms.state(key) == "Archived"
    kms.refused("ResourceUnavailable.CmkArchived", "Encrypt", KeyId=key, Plaintext="AAAA")
    assert kms.decrypt(blob) == b"data"
    kms.CancelKeyArchive(KeyId=key)
    assert kms.state(key) == "Enabled"


@case()
def several_keys_at_once(emulator):
    kms = Kms(emulator)
    keys = [kms.imported(), kms.imported()]
    kms.DisableKeys(KeyIds=keys)
    assert [k["KeyState"] for k in kms.DescribeKeys(KeyIds=keys)["KeyMetadatas"]] == ["Disabled"] * 2
    kms.EnableKeys(KeyIds=keys)
    assert {kms.state(key) for key in keys} == {"Enabled"}
    kms.refused("InvalidParameterValue.DuplicatedKeyId", "DescribeKeys", KeyIds=[keys[0]] * 2)


# Names, lists, regions.


@case("", "kms-mine", "-first", "a" * 61, "with space", "\u5bc6\u94a5")
def bad_alias(emulator, alias):
    kms = Kms(emulator)
    kms.refused("InvalidParameterValue.InvalidAlias", "CreateKey", Alias=alias, Type=2)
    kms.refused("InvalidParameterValue.InvalidAlias", "UpdateAlias", KeyId=kms.external(), Alias=alias)


@case()
def aliases_are_unique(emulator):
    kms, name = Kms(emulator), emulator.alias()
    kms.CreateKey(Alias=name)
    kms.refused("InvalidParameterValue.AliasAlreadyExists", "CreateKey", Alias=name)
    key = kms.external()
    kms.refused("InvalidParameterValue.AliasAlreadyExists", "UpdateAlias", KeyId=key, Alias=name)
    name = emulator.alias()
    kms.UpdateAlias(KeyId=key, Alias=name)
    kms.UpdateKeyDescription(KeyId=key, Description="new")
    assert (kms.metadata(key)["Alias"], kms.metadata(key)["Description"]) == (name, "new")


@case(("Type", 3, "InvalidType"), ("KeyUsage", "NONE", "InvalidKeyUsage"), ("HsmClusterId", "none", "InvalidHsmClusterId"))
def bad_key(emulator, name, value, code):
    Kms(emulator).refused("InvalidParameterValue." + code, "CreateKey", Alias=emulator.alias(), **{name: value})


@case()
def tags(emulator):
    kms = Kms(emulator)
    twice = [{"TagKey": "k", "TagValue": "v"}] * 2
    kms.refused("InvalidParameterValue.TagKeysDuplicated", "CreateKey", Alias=emulator.alias(), Tags=twice)
    value = emulator.alias()
    key = kms.CreateKey(Alias=emulator.alias(), Tags=[{"TagKey": "k", "TagValue": value}])["KeyId"]
    found = kms.ListKeyDetail(TagFilters=[{"TagKey": "k", "TagValue": [value]}])
    assert [k["KeyId"] for k in found["KeyMetadatas"]] == [key] and found["TotalCount"] == 1


@case("DescribeKey", "EnableKey", "DisableKey", "CancelKeyDeletion", "DeleteImportedKeyMaterial")
def unknown_key(emulator, action):
    kms = Kms(emulator)
    kms.refused("ResourceUnavailable.CmkNotFound", action, KeyId=NOBODY)
    for bad in ("", "not-an-id", NOBODY.upper(), NOBODY + "0"):
        kms.refused("InvalidParameterValue.InvalidKeyId", action, KeyId=bad)


@case()
def regions_are_apart(emulator):
    here, there = Kms(emulator, FIPS), Kms(emulator, SM)
    key = here.imported()
    there.refused("ResourceUnavailable.CmkNotFound", "DescribeKey", KeyId=key)
    there.refused({"ResourceUnavailable.CmkNotFound", "InvalidParameterValue.InvalidCiphertext"}, "Decrypt", CiphertextBlob=here.encrypt(key))


@case()
def lists(emulator):
    kms = Kms(emulator, "eu-frankfurt")
    keys = [kms.external() for _ in range(12)] + [kms.symmetric()]
    page = kms.ListKeyDetail()
    assert page["TotalCount"] == 13 and len(page["KeyMetadatas"]) == 10
    rest = kms.ListKeyDetail(Offset=10, Limit=200)["KeyMetadatas"]
    assert {k["KeyId"] for k in page["KeyMetadatas"] + rest} == set(keys) and len(rest) == 3
    assert kms.ListKeyDetail(Origin="EXTERNAL")["TotalCount"] == 12
    assert kms.ListKeyDetail(Origin="TENCENT_KMS")["TotalCount"] == 1
    assert kms.ListKeyDetail(KeyState=4)["TotalCount"] == 12 and kms.ListKeyDetail(KeyState=1)["TotalCount"] == 1
    kms.refused("InvalidParameter", "ListKeyDetail", Limit=201)
    assert kms.ListKeys(Limit=200)["TotalCount"] == 13


@case()
def asymmetric_keys_are_left_out_of_lists(emulator):
    kms = Kms(emulator, "na-siliconvalley")
    kms.symmetric()
    usage = "ASYMMETRIC_DECRYPT_RSA_2048"
    key = kms.CreateKey(Alias=emulator.alias(), KeyUsage=usage)["KeyId"]
    assert kms.metadata(key)["KeyUsage"] == usage
    assert key not in [k["KeyId"] for k in kms.ListKeyDetail(Limit=200)["KeyMetadatas"]]
    assert [k["KeyId"] for k in kms.ListKeyDetail(KeyUsage=usage)["KeyMetadatas"]] == [key]
    assert kms.ListKeyDetail(KeyUsage="ALL")["TotalCount"] == 2


# Using keys.


@case(1, 4096)
def plaintexts(emulator, length):
    kms = Kms(emulator)
    key = kms.symmetric()
    assert kms.decrypt(kms.encrypt(key, b"p" * length)) == b"p" * length


@case("", "no base64!", base64.b64encode(bytes(4097)).decode())
def bad_plaintext(emulator, text):
    kms = Kms(emulator)
    kms.refused("InvalidParameterValue.InvalidPlaintext", "Encrypt", KeyId=kms.symmetric(), Plaintext=text)


@case()
def encryption_context(emulator):
    kms = Kms(emulator)
    key = kms.symmetric()
    blob = kms.Encrypt(KeyId=key, Plaintext="AAAA", EncryptionContext='{"a":"1","b":"2"}')["CiphertextBlob"]
    assert kms.Decrypt(CiphertextBlob=blob, EncryptionContext='{"b": "2", "a": "1"}')["Plaintext"] == "AAAA"
    kms.refused("InvalidParameterValue.InvalidCiphertext", "Decrypt", CiphertextBlob=blob)
    kms.refused("InvalidParameter", "Encrypt", KeyId=key, Plaintext="AAAA", EncryptionContext="[1]")
    kms.refused("InvalidParameter", "Encrypt", KeyId=key, Plaintext="AAAA", EncryptionContext='{"a":"%s"}' % ("x" * 1024))


@case("", "AAAA", "a-k-b-k-c")
def bad_ciphertext(emulator, blob):
    Kms(emulator).refused("InvalidParameterValue.InvalidCiphertext", "Decrypt", CiphertextBlob=blob)


@case()
def data_keys(emulator):
    kms = Kms(emulator)
    key = kms.imported()
    for ask, length in ((dict(KeySpec="AES_128"), 16), (dict(KeySpec="AES_256"), 32), (dict(NumberOfBytes=100), 100)):
        made = kms.GenerateDataKey(KeyId=key, **ask)
        plain = base64.b64decode(made["Plaintext"])
        assert len(plain) == length and kms.decrypt(made["CiphertextBlob"]) == plain


@case()
def reencrypted(emulator):
    kms = Kms(emulator)
    one, two = kms.imported(), kms.symmetric()
    made = kms.ReEncrypt(CiphertextBlob=kms.encrypt(one), DestinationKeyId=two)
    assert (made["SourceKeyId"], made["KeyId"], made["ReEncrypted"]) == (one, two, True)
    opened = kms.Decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert opened["KeyId"] == two and base64.b64decode(opened["Plaintext"]) == b"data"


@case(*ALGORITHMS)
def decrypted_for_a_recipient(emulator, algorithm):
    kms = Kms(emulator)
    blob = kms.encrypt(kms.symmetric(), b"for one reader")
    with tempfile.TemporaryDirectory() as folder:
        private, sealed = folder + "/private", folder + "/sealed"
        subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", private, "-pubout"], check=True, capture_output=True, text=True).stdout
        reply = kms.Decrypt(CiphertextBlob=blob, EncryptionPublicKey=public, EncryptionAlgorithm=algorithm)
        with open(sealed, "wb") as file:
            file.write(base64.b64decode(reply["Plaintext"]))
        line = ["openssl", "pkeyutl", "-decrypt", "-inkey", private, "-in", sealed]
        for option in OPENSSL[algorithm]:
            line += ["-pkeyopt", option]
        assert subprocess.run(line, check=True, capture_output=True).stdout == b"for one reader"


@case(1, 1024)
def random_bytes(emulator, length):
    assert len(base64.b64decode(Kms(emulator).GenerateRandom(NumberOfBytes=length)["Plaintext"])) == length


@case(0, 1025)
def random_limits(emulator, length):
    Kms(emulator).refused("InvalidParameter", "GenerateRandom", NumberOfBytes=length)


@case()
def the_service(emulator):
    kms = Kms(emulator)
    status = kms.GetServiceStatus()
    assert status["ServiceEnabled"] is True and status["InvalidType"] == 1
    assert {FIPS, SM} <= set(kms.GetRegions()["Regions"])
    assert kms.ListAlgorithms()["SymmetricAlgorithms"]


@case("RotateKey", "ListWhiteBoxKey", "PostQuantumCryptoEncrypt")
def not_emulated(emulator, action):
    """Actions that the model knows but that are deliberately refused: an error, never a meaningless success."""
    kms = Kms(emulator)
    try:
        kms.client.call_json(action, {})
    except TencentCloudSDKException as error:
        assert error.get_code().startswith(("UnsupportedOperation", "InvalidAction", "MissingParameter")), error
        return
    raise AssertionError("taken")


# Who asks.


@case(*METHODS)
def wrong_secret_key(emulator, method, sign):
    kms = Kms(emulator, method=method, sign=sign, secret_key="other")
    kms.refused("AuthFailure.SignatureFailure", "GetRegions")


@case(*METHODS)
def unknown_secret_id(emulator, method, sign):
    kms = Kms(emulator, method=method, sign=sign, secret_id="AKIDother")
    kms.refused({"AuthFailure.SecretIdNotFound", "AuthFailure.InvalidSecretId"}, "GetRegions")


@case(*METHODS)
def token_that_is_nobodys(emulator, method, sign):
    Kms(emulator, method=method, sign=sign, token="tok").refused("AuthFailure.TokenFailure", "GetRegions")


@case(-400, -301, 301, 400)
def clock_apart(emulator, seconds):
    emulator.order("POST", "/clock", {"skew_seconds": seconds + (5 if seconds > 0 else -5)})
    Kms(emulator).refused("AuthFailure.SignatureExpire", "GetRegions")


@case(-290, 290)
def clock_nearly_right(emulator, seconds):
    emulator.order("POST", "/clock", {"skew_seconds": seconds})
    Kms(emulator).GetRegions()


def signed(emulator):
    """A request of the SDK, captured before it is sent."""
    kms = Kms(emulator)
    kept = {}

    class Kept(Exception):
        pass

    def keep(request):
        kept.update(method=request.method, uri=request.uri, headers=dict(request.header), body=request.data)
        raise Kept

    kms.client.request.send_request = keep
    try:
        kms.GenerateRandom(NumberOfBytes=8)
    except (Kept, TencentCloudSDKException):
        return kept
    raise AssertionError("the SDK sends in another way")


def sent(emulator, request):
    """The code that a request gets, or `ok`."""
    connection = http.client.HTTPConnection(emulator.host)
    connection.putrequest(request["method"], request["uri"], skip_host=True, skip_accept_encoding=True)
    headers = dict(request["headers"])
    headers.setdefault("Host", emulator.host)
    body = request["body"] if isinstance(request["body"], bytes) else request["body"].encode()
    headers["Content-Length"] = str(len(body))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    reply = connection.getresponse()
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    response = json.loads(reply.read())["Response"]
    return response.get("Error", {"Code": "ok"})["Code"]


@case()
def untampered(emulator):
    assert sent(emulator, signed(emulator)) == "ok"


@case("body", "method", "content type", "host", "time", "date", "signature", "signed headers", "service", "unsigned payload")
def tampered(emulator, what):
    request = signed(emulator)
    headers = request["headers"]

    def replace(old, new):
        assert old in headers["Authorization"], headers
        headers["Authorization"] = headers["Authorization"].replace(old, new, 1)

    if what == "body":
        request["body"] = '{"NumberOfBytes": 9}'
    elif what == "method":
        request["method"] = "GET"
    elif what == "content type":
        headers["Content-Type"] = "application/json; charset=utf-8"
    elif what == "host":
        headers["Host"] = "kms.tencentcloudapi.com"
    elif what == "time":
        headers["X-TC-Timestamp"] = str(int(headers["X-TC-Timestamp"]) + 1)
    elif what == "date":
        replace(time.strftime("%Y-%m-%d", time.gmtime()), "2020-01-01")
    elif what == "signature":
        replace("Signature=", "Signature=0")
    elif what == "signed headers":
        replace("content-type;host", "host")
    elif what == "service":
        replace("/kms/", "/cvm/")
    else:
        headers["X-TC-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    code = sent(emulator, request)
    assert code.startswith(("AuthFailure", "InvalidParameter", "MissingParameter", "UnsupportedProtocol", "InvalidRequest")), code


@case(("zh-CN", True), ("en-US", False))
def languages(emulator, language, chinese):
    error = Kms(emulator, language=language).refused("ResourceUnavailable.CmkNotFound", "DescribeKey", KeyId=NOBODY)
    assert any("\u4e00" <= c <= "\u9fff" for c in error.get_message()) == chinese, error


# What may go wrong during transport.


@case(
    "InternalError",
    "RequestLimitExceeded",
    "RequestLimitExceeded.UinLimitExceeded",
    "UnauthorizedOperation",
    "AuthFailure.MFAFailure",
    "FailedOperation.CmkUsedByCloudProduct",
    "LimitExceeded.CmkLimitExceeded",
    "UnsupportedOperation.ServiceTemporaryUnavailable",
)
def ordered_errors(emulator, code):
    kms = Kms(emulator)
    key = kms.external()
    emulator.fault("DescribeKey", "error", code=code)
    kms.refused(code, "DescribeKey", KeyId=key)
    assert kms.state(key) == "PendingImport"


@case("cut", "lost-reply", "cut-midway")
def ordered_silence(emulator, kind):
    kms = Kms(emulator)
    key = kms.external()
    request = kms.sealed(kms.fetch(key))
    emulator.fault("ImportKeyMaterial", kind)
    kms.refused(SILENCE, "ImportKeyMaterial", **request)
    assert kms.state(key) == ("PendingImport" if kind == "cut" else "Enabled")
    kms.ImportKeyMaterial(**request)


if __name__ == "__main__":
    run_all(Emulator(*sys.argv[1:3]), least=90)
