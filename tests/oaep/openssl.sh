#!/bin/sh
# OpenSSL's command line. Usage: openssl.sh WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.
set -eu
way=$1 algorithm=$2 key=$3 material=$4

case $algorithm in
RSAES_OAEP_SHA_1) sha=sha1 ;;
*) sha=sha256 ;;
esac

if [ "$way" = rsautl ]; then
    padding=-oaep
    [ "$algorithm" = RSAES_PKCS1_V1_5 ] && padding=-pkcs
    openssl rsautl -encrypt "$padding" -pubin -keyform DER -inkey "$key" -in "$material" | openssl base64 -A
    exit
fi

set -- -pkeyopt rsa_padding_mode:oaep
case $way in
no-md) ;;
mgf1-sha1) set -- "$@" -pkeyopt rsa_oaep_md:$sha -pkeyopt rsa_mgf1_md:sha1 ;;
mgf1-same) set -- "$@" -pkeyopt rsa_oaep_md:$sha -pkeyopt rsa_mgf1_md:$sha ;;
*) set -- "$@" -pkeyopt rsa_oaep_md:$sha ;;
esac
[ "$algorithm" = RSAES_PKCS1_V1_5 ] && set --

# The material as hexadecimal text, as `openssl rand -hex 32 > material` makes it.
hex() { od -An -v -tx1 "$material" | tr -d ' \n'; echo; }
# Exactly the bytes of the material.
bytes() { cat "$material"; }
inside=bytes
[ "$way" = hex ] && inside=hex
lines=-A
[ "$way" = base64-lines ] && lines=

$inside | openssl pkeyutl -encrypt -pubin -keyform DER -inkey "$key" "$@" | openssl base64 $lines
