"""The Python package cryptography. Usage: with_cryptography.py WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64."""

import base64
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

way, algorithm, key_file, material_file = sys.argv[1:]
key = serialization.load_der_public_key(open(key_file, "rb").read())
sha = hashes.SHA1() if algorithm == "RSAES_OAEP_SHA_1" else hashes.SHA256()
if algorithm == "RSAES_PKCS1_V1_5":
    how = padding.PKCS1v15()
elif way == "mgf1-sha1":
    how = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA1()), algorithm=sha, label=None)
else:
    how = padding.OAEP(mgf=padding.MGF1(algorithm=sha), algorithm=sha, label=None)
print(base64.b64encode(key.encrypt(open(material_file, "rb").read(), how)).decode())
