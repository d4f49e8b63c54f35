"""Wraps material with third-party programs, as their users write it, and imports it: it is accepted, or /imports names the cause.

Usage: run.py PORT ADMIN-PORT TARGET. Run by the Python of the vendor's SDK; TARGET is the folder in which `cargo xtask oaep` put the packages
(oaep/, oaep-node/) and in which Java is compiled. A missing program is named, and fails the run if CI is "true"."""

import base64
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "vendor"))

from support import ALGORITHMS, FIPS, Emulator, Kms, TencentCloudSDKException  # the vendor's client

# With every byte that text tools change: zero, line feed, carriage return, end of file, above 127.
MATERIAL = bytes([0, 10, 13, 26, 255, 128]) + bytes(range(26))

TAKEN, MGF, HASH, PKCS1, RAW = "taken", "oaep-mgf", "oaep-hash", "pkcs1", "no-padding"

# Program and way: the result if the parameters are for PKCS #1 v1.5, for OAEP with SHA-1, and for OAEP with SHA-256. None:
# it cannot be written in this way. A default is what users get if they name no padding or no hash at all.
TABLE = [
    ("openssl", "md", TAKEN, TAKEN, TAKEN),
    ("openssl", "no-md", TAKEN, TAKEN, HASH),
    ("openssl", "mgf1-same", None, TAKEN, TAKEN),
    ("openssl", "mgf1-sha1", None, TAKEN, MGF),
    ("openssl", "rsautl", TAKEN, TAKEN, HASH),
    ("openssl", "hex", "hex-inside", "hex-inside", "hex-inside"),
    ("openssl", "base64-lines", "base64-line-breaks", "base64-line-breaks", "base64-line-breaks"),
    ("jdk", "named", TAKEN, TAKEN, MGF),
    ("jdk", "with-spec", TAKEN, TAKEN, TAKEN),
    ("jdk", "OAEPPadding", None, TAKEN, HASH),
    ("jdk", "only-RSA", TAKEN, PKCS1, PKCS1),
    ("bouncycastle", "named", TAKEN, TAKEN, TAKEN),
    ("bouncycastle", "only-RSA", RAW, RAW, RAW),
    ("bouncycastle", "classes", TAKEN, TAKEN, TAKEN),
    ("bouncycastle", "classes-default", None, TAKEN, HASH),
    ("node", "named", TAKEN, TAKEN, TAKEN),
    ("node", "default", HASH, TAKEN, HASH),
    ("node", "webcrypto", None, TAKEN, TAKEN),
    ("forge", "named", TAKEN, TAKEN, TAKEN),
    ("forge", "default", TAKEN, TAKEN, HASH),
    ("forge", "as-for-java", None, TAKEN, MGF),
    ("php", "named", TAKEN, TAKEN, HASH),
    ("php", "default", TAKEN, PKCS1, PKCS1),
    ("phpseclib3", "named", TAKEN, MGF, TAKEN),
    ("phpseclib3", "both-hashes", TAKEN, TAKEN, TAKEN),
    ("phpseclib3", "default", HASH, HASH, TAKEN),
    ("phpseclib2", "named", TAKEN, TAKEN, MGF),
    ("phpseclib2", "both-hashes", TAKEN, TAKEN, TAKEN),
    ("phpseclib2", "default", HASH, TAKEN, HASH),
    ("cryptography", "named", TAKEN, TAKEN, TAKEN),
    ("cryptography", "mgf1-sha1", None, TAKEN, MGF),
    ("pycryptodome", "named", TAKEN, TAKEN, TAKEN),
    ("pycryptodome", "default", None, TAKEN, HASH),
]

BOUNCY_CASTLE = "/usr/share/java/bcprov.jar"


def programs(target):
    """For each program: the line that runs it, and one that works only if it is installed and prints its version."""
    classes = os.path.join(target, "oaep", "classes")
    python = os.path.join(target, "oaep", "bin", "python")
    ours = lambda name: os.path.join(HERE, name)
    php = lambda name, there: (["php", ours(name)], ["php", "-r", there])
    compiled = ["sh", "-c", 'javac -cp "$1" -d "$2" "$3" && eval "$4"', "sh"]
    java = lambda name, path, version: (["java", "-cp", path, name], compiled + [path, classes, ours(name + ".java"), version])
    module = lambda name: [python, "-c", "import %s; print(%s.__version__)" % (name, name)]
    return {
        "openssl": (["sh", ours("openssl.sh")], ["openssl", "version"]),
        "jdk": java("Jdk", classes, "java --version"),
        "bouncycastle": java("BouncyCastle", classes + os.pathsep + BOUNCY_CASTLE, "readlink -f " + BOUNCY_CASTLE),
        "node": (["node", ours("node.js")], ["node", "--version"]),
        "forge": (["node", ours("forge.js")], ["node", "-p", "require('node-forge/package.json').version"]),
        "php": php("php.php", "openssl_get_cert_locations(); echo PHP_VERSION;"),
        "phpseclib3": php("phpseclib3.php", "require 'phpseclib3/autoload.php'; new phpseclib3\\Math\\BigInteger(1); echo 'loaded';"),
        "phpseclib2": php("phpseclib2.php", "require 'phpseclib/autoload.php'; new phpseclib\\Crypt\\RSA(); echo 'loaded';"),
        "cryptography": ([python, ours("with_cryptography.py")], module("cryptography")),
        "pycryptodome": ([python, ours("with_pycryptodome.py")], module("Crypto")),
    }


def output(line):
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError("%s: exit code %d\n%s" % (" ".join(line), done.returncode, done.stderr))
    return done.stdout


def there(name, probe):
    try:
        said = output(probe).strip().split("\n")[0]
    except (OSError, AssertionError) as why:
        print("skipped: OAEP as %s writes it: %s" % (name, str(why).split("\n")[0]))
        return False
    print("%-14s%s" % (name, said))
    return True


def wrapped(line, way, algorithm, public_key):
    """The program's ciphertext for the parameters' public key."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, content in (("public_key.der", public_key), ("material.bin", MATERIAL)):
            files.append(os.path.join(folder, name))
            with open(files[-1], "wb") as file:
                file.write(content)
        return output(line + [way, algorithm] + files)


def outcome(emulator, line, way, algorithm):
    """`taken`, or the codes of the causes in /imports."""
    kms = Kms(emulator, FIPS)
    parameters = kms.fetch(kms.external(), algorithm)
    text = wrapped(line, way, algorithm, base64.b64decode(parameters["PublicKey"]))
    # A program ends its output with one line break, which a shell's $(...) removes.
    request = dict(KeyId=parameters["KeyId"], ImportToken=parameters["ImportToken"], EncryptedKeyMaterial=text.rstrip("\n"))
    try:
        kms.ImportKeyMaterial(**request)
    except TencentCloudSDKException as error:
        # Text that is not base64 is refused as a parameter.
        assert error.get_code() in ("InvalidParameter.DecryptMaterialError", "InvalidParameter"), error
        last = emulator.order("GET", "/imports")["imports"][-1]
        assert last["key_id"] == parameters["KeyId"] and last["outcome"] == error.get_code(), last
        return ", ".join(cause["code"] for cause in last["causes"]) or "refused without a cause"
    assert kms.decrypt(kms.encrypt(parameters["KeyId"])) == b"data"
    return TAKEN


def main():
    port, admin, target = sys.argv[1:]
    os.environ["NODE_PATH"] = os.path.join(target, "oaep-node", "node_modules")
    emulator = Emulator(port, admin)
    known = programs(target)
    assert {name for name, *_ in TABLE} == set(known), "every program has a row, and every row a program"
    lines = {name: line for name, (line, probe) in known.items() if there(name, probe)}
    missing = len(known) - len(lines)
    ran = failed = taken = 0
    for name, way, *expected in TABLE:
        if name not in lines:
            continue
        for algorithm, right in zip(ALGORITHMS, expected):
            if right is None:
                continue
            got = outcome(emulator, lines[name], way, algorithm)
            ran, taken, failed = ran + 1, taken + (got == TAKEN), failed + (got != right)
            if got != right:
                print("FAIL %s %s %s: %s, not %s" % (name, way, algorithm, got, right))
    counts = (len(lines), ran, taken, ran - taken, failed, missing)
    print("%d programs, %d ways to wrap: %d taken, %d refused with a cause, %d not as expected; %d programs missing" % counts)
    if failed or ran == 0 or (missing and os.environ.get("CI") == "true"):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
