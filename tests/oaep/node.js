// Node's own crypto. Usage: node.js WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.

"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");

const [, , way, algorithm, keyFile, materialFile] = process.argv;
const der = fs.readFileSync(keyFile);
const material = fs.readFileSync(materialFile);
const sha = algorithm === "RSAES_OAEP_SHA_256" ? 256 : 1;

async function wrapped() {
  if (way === "webcrypto") {
    const how = { name: "RSA-OAEP", hash: `SHA-${sha}` };
    const key = await crypto.subtle.importKey("spki", der, how, false, ["encrypt"]);
    return Buffer.from(await crypto.subtle.encrypt("RSA-OAEP", key, material));
  }
  const key = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
  if (way === "default") {
    return crypto.publicEncrypt(key, material);
  }
  const { RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING } = crypto.constants;
  const oaep = { key, padding: RSA_PKCS1_OAEP_PADDING, oaepHash: `sha${sha}` };
  return crypto.publicEncrypt(algorithm === "RSAES_PKCS1_V1_5" ? { key, padding: RSA_PKCS1_PADDING } : oaep, material);
}

wrapped().then((bytes) => console.log(bytes.toString("base64")));
