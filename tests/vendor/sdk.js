// The vendor's SDKs for Node, unmodified, against the emulator: the guide's four steps over every signature and method.
//
// Usage: sdk.js PORT ADMIN-PORT, with NODE_PATH naming the folder of what package-lock.json pins. Two packages: the international
// SDK's client for the KMS, and the client of the mainland SDK that calls any service (its KMS client is only in a package of all services).

"use strict";

const crypto = require("node:crypto");
const international = require("tencentcloud-sdk-nodejs-intl-en");
const { CommonClient } = require("tencentcloud-sdk-nodejs-common");

const [, , PORT, ADMIN] = process.argv;
const CREDENTIAL = { secretId: "AKIDtest", secretKey: "secret" };
const VERSION = "2019-01-18";
const FIPS = "ap-singapore";
const SM = "ap-guangzhou";
const MATERIAL = { [FIPS]: Buffer.from(Array.from({ length: 32 }, (_, i) => i)), [SM]: Buffer.from(Array.from({ length: 16 }, (_, i) => i)) };
const METHODS = ["POST", "GET"].flatMap((m) => ["TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1"].map((s) => [m, s]));
const { RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING } = crypto.constants;
// The options of `crypto.publicEncrypt` for each algorithm of the guide.
const PADDING = {
  RSAES_PKCS1_V1_5: { padding: RSA_PKCS1_PADDING },
  RSAES_OAEP_SHA_1: { padding: RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
  RSAES_OAEP_SHA_256: { padding: RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
};

// For each package, a function that takes an action and its members.
const SDKS = {
  "intl-en": (region, method, sign, secretKey = CREDENTIAL.secretKey) => {
    const { Credential, ClientProfile, HttpProfile } = international.common;
    const { Client, Models } = international.kms.v20190118;
    const http = new HttpProfile();
    Object.assign(http, { protocol: "http://", endpoint: `127.0.0.1:${PORT}`, reqMethod: method });
    const client = new Client(new Credential(CREDENTIAL.secretId, secretKey), region, new ClientProfile(sign, http));
    return (action, members) => {
      const request = new Models[`${action}Request`]();
      request.deserialize(members);
      return new Promise((done, failed) => client[action](request, (error, reply) => (error ? failed(error) : done(reply))));
    };
  },
  common: (region, method, sign, secretKey = CREDENTIAL.secretKey) => {
    const httpProfile = { protocol: "http://", endpoint: `127.0.0.1:${PORT}`, reqMethod: method };
    const credential = { ...CREDENTIAL, secretKey };
    const client = new CommonClient("kms.tencentcloudapi.com", VERSION, { credential, region, profile: { signMethod: sign, httpProfile } });
    return (action, members) => client.request(action, members);
  },
};

function assert(holds, what) {
  if (!holds) throw new Error(JSON.stringify(what));
}

async function refused(code, call) {
  const error = await call.then((reply) => ({ code: "none", reply }), (error) => error);
  assert(error.code === code, [code, error.code, error.message, error.reply]);
  assert(error.message && (error.requestId || error.getRequestId()), error);
}

let made = 0;
const alias = () => `node-${++made}`;

async function parameters(kms, algorithm) {
  const { KeyId } = await kms("CreateKey", { Alias: alias(), Type: 2, Description: "密钥" });
  return kms("GetParametersForImport", { KeyId, WrappingAlgorithm: algorithm, WrappingKeySpec: "RSA_2048" });
}

function sealed({ KeyId, ImportToken, PublicKey }, algorithm, material) {
  const key = crypto.createPublicKey({ key: Buffer.from(PublicKey, "base64"), format: "der", type: "spki" });
  const wrapped = crypto.publicEncrypt({ key, ...PADDING[algorithm] }, material);
  return { KeyId, ImportToken, EncryptedKeyMaterial: wrapped.toString("base64") };
}

async function fourSteps(client, region, algorithm, method, sign) {
  const kms = client(region, method, sign);
  const fetched = await parameters(kms, algorithm);
  await kms("ImportKeyMaterial", sealed(fetched, algorithm, MATERIAL[region]));
  const { KeyMetadata: about } = await kms("DescribeKey", { KeyId: fetched.KeyId });
  assert(about.KeyState === "Enabled" && about.Origin === "EXTERNAL", about);
  assert(about.Type === (region === SM ? 4 : 2) && about.Description === "密钥", about);
  const Plaintext = Buffer.from("data").toString("base64");
  const { CiphertextBlob } = await kms("Encrypt", { KeyId: fetched.KeyId, Plaintext });
  const opened = await kms("Decrypt", { CiphertextBlob });
  assert(opened.Plaintext === Plaintext && opened.KeyId === fetched.KeyId, opened);
}

// A failed call raises the SDK's own exception with the service's code and a request id; arrays and tags are read in every form.
async function refusalsAndLists(client, method, sign) {
  const kms = client(FIPS, method, sign);
  await refused("InvalidParameterValue.InvalidKeyId", kms("DescribeKey", { KeyId: "no-id" }));
  await refused("AuthFailure.SignatureFailure", client(FIPS, method, sign, "other")("GetRegions", {}));
  const fetched = await parameters(kms, "RSAES_OAEP_SHA_256");
  const short = sealed(fetched, "RSAES_OAEP_SHA_256", Buffer.alloc(31));
  await refused("InvalidParameter.DecryptMaterialError", kms("ImportKeyMaterial", short));
  const twice = [{ TagKey: "k", TagValue: "v" }, { TagKey: "k", TagValue: "v" }];
  await refused("InvalidParameterValue.TagKeysDuplicated", kms("CreateKey", { Alias: alias(), Tags: twice }));
  const several = await kms("DescribeKeys", { KeyIds: [fetched.KeyId] });
  assert(several.KeyMetadatas.length === 1 && several.KeyMetadatas[0].KeyState === "PendingImport", several);
  const { Regions } = await kms("GetRegions", {});
  assert(Regions.includes(FIPS) && Regions.includes(SM), Regions);
}

async function main() {
  const reset = await fetch(`http://127.0.0.1:${ADMIN}/reset`, { method: "POST", body: "{}" });
  assert(reset.status === 200, reset.status);
  const cases = [];
  for (const [sdk, client] of Object.entries(SDKS)) {
    for (const [method, sign] of METHODS) {
      for (const region of [FIPS, SM]) {
        for (const algorithm of Object.keys(PADDING)) {
          cases.push([`${sdk} ${region} ${algorithm} ${method} ${sign}`, () => fourSteps(client, region, algorithm, method, sign)]);
        }
      }
      cases.push([`${sdk} refusals ${method} ${sign}`, () => refusalsAndLists(client, method, sign)]);
    }
  }
  let failed = 0;
  for (const [name, run] of cases) {
    await run().catch((error) => {
      failed += 1;
      console.error("FAIL", name, error);
    });
  }
  console.log(`Node ${process.version}: ${cases.length} cases, ${failed} failed`);
  process.exitCode = failed || cases.length < 84 ? 1 : 0;
}

main();
