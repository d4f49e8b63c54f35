// node-forge. Usage: forge.js WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.

"use strict";

const fs = require("node:fs");
const forge = require("node-forge");

const [, , way, algorithm, keyFile, materialFile] = process.argv;
const key = forge.pki.publicKeyFromAsn1(forge.asn1.fromDer(fs.readFileSync(keyFile).toString("binary")));
const material = fs.readFileSync(materialFile).toString("binary");

function wrapped() {
  if (algorithm === "RSAES_PKCS1_V1_5") return key.encrypt(material);
  if (way === "default") return key.encrypt(material, "RSA-OAEP");
  const md = algorithm === "RSAES_OAEP_SHA_1" ? forge.md.sha1.create() : forge.md.sha256.create();
  // The README's example for Java names the second hash.
  const mgf1 = way === "as-for-java" ? { mgf1: { md: forge.md.sha1.create() } } : {};
  return key.encrypt(material, "RSA-OAEP", { md, ...mgf1 });
}

console.log(forge.util.encode64(wrapped()));
