"""PyCryptodome. Usage: with_pycryptodome.py WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64."""

import base64
import sys

from Crypto.Cipher import PKCS1_OAEP, PKCS1_v1_5
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA

way, algorithm, key_file, material_file = sys.argv[1:]
key = RSA.import_key(open(key_file, "rb").read())
if algorithm == "RSAES_PKCS1_V1_5":
    cipher = PKCS1_v1_5.new(key)
elif algorithm == "RSAES_OAEP_SHA_1" or way == "default":
    cipher = PKCS1_OAEP.new(key)
else:
    cipher = PKCS1_OAEP.new(key, hashAlgo=SHA256)
print(base64.b64encode(cipher.encrypt(open(material_file, "rb").read())).decode())
