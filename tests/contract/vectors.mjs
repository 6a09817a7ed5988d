// The vectors of the contract in a language of its own: node, without any package.
//
//   node tests/contract/vectors.mjs docs/contract/proofs/vectors.json
//
// It exits with 1 and says which vector it does not find. Then it signs what the first vector signs
// with a new key of each kind, and prints them, a line of JSON each.

import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";

// RFC 8785 is what JSON.stringify writes, with the members sorted as JavaScript sorts texts.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const { public_keys: keys, vectors } = JSON.parse(readFileSync(process.argv[2], "utf8"));

function same(vector, what, found, wanted) {
  if (found === wanted) return;
  console.error(`${vector.content.id ?? vector.message}: ${what} is ${found}, not ${wanted}`);
  process.exitCode = 1;
}

for (const vector of vectors) {
  const { proof, ...by } = vector.content.by;
  const form = canonical({ ...vector.content, by });
  same(vector, "the canonical form", form, vector.canonical);
  same(vector, "the hash", createHash("sha256").update(form).digest("hex"), vector.sha256);
  const [header, signed, mark] = vector.proof.split(".");
  const jwk = keys.find((each) => each.kid === JSON.parse(Buffer.from(header, "base64url")).kid);
  same(vector, "the key", jwk.kid, vector.key);
  const signs = JSON.parse(Buffer.from(signed, "base64url"));
  same(vector, "what is signed", canonical(signs), canonical(vector.signs));
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const text = Buffer.from(`${header}.${signed}`);
  same(vector, "the proof", verify(null, text, key, Buffer.from(mark, "base64url")), true);
}

const KINDS = {
  EdDSA: ["ed25519", {}, null],
  ES256: ["ec", { namedCurve: "P-256" }, "sha256"],
  RS256: ["rsa", { modulusLength: 2048 }, "sha256"],
};
for (const [alg, [kind, options, hash]] of Object.entries(KINDS)) {
  const { privateKey, publicKey } = generateKeyPairSync(kind, options);
  const text = `${encoded({ alg, kid: alg })}.${encoded(vectors[0].signs)}`;
  const mark = sign(hash, Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: alg };
  console.log(JSON.stringify({ jwk, proof: `${text}.${mark.toString("base64url")}` }));
}
