// Asks @transmute/cose and @auth0/cose, which share nothing with us: questions in, verdicts out.
// Reads a JSON list from standard input, writes one to standard output; bytes are in hex, keys
// come as a COSE_KeySet. The one argument is the folder that tools/independent installed into.

import { createRequire } from "node:module";
import { createPublicKey, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

globalThis.crypto ??= webcrypto; // Node 18, which Debian 12 has

const require = createRequire(path.join(process.argv[2], "package.json"));
const transmute = require("@transmute/cose");
const auth0 = require("@auth0/cose");

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (found) => Buffer.from(found).toString("hex");
const base64url = (found) => Buffer.from(found).toString("base64url");

// The key of the set that the message's protected header names, as a JSON web key.
function named(message, keys) {
  const { value } = transmute.cbor.decodeFirstSync(message);
  const kid = transmute.cbor.decodeFirstSync(value[0]).get(4);
  const key = transmute.cbor.decodeFirstSync(keys).find((one) => hex(one.get(2)) === hex(kid));
  if (key.get(1) === 1) {
    return { kty: "OKP", crv: "Ed25519", alg: "EdDSA", x: base64url(key.get(-2)) };
  }
  const [x, y] = [key.get(-2), key.get(-3)].map(base64url);
  return { kty: "EC", crv: "P-256", alg: "ES256", x, y };
}

const resolver = (keys) => ({ resolve: async (message) => named(message, keys) });

const ask = {
  // The whole way that @transmute/cose knows: a transparent statement, its signature, its
  // receipts, and the entry that it makes of it by emptying the unprotected header.
  async "transmute transparent"({ copy, payload, keys }) {
    const verifier = await transmute.receipt.verifier(resolver(keys));
    const found = await verifier.verify({ coseSign1: copy, payload });
    return { says: [hex(found.payload), ...found.receipts.map(hex)] };
  },
  async "transmute receipt"({ receipt, entry, keys }) {
    const verifier = transmute.detached.verifier({ resolver: resolver(keys) });
    const leaf = await transmute.receipt.leaf(entry);
    return { says: hex(await transmute.receipt.inclusion.verify({ entry: leaf, receipt, verifier })) };
  },
  async "transmute growth"({ receipt, old_root, new_root, keys }) {
    const verifier = transmute.detached.verifier({ resolver: resolver(keys) });
    const [oldRoot, newRoot] = [old_root, new_root];
    return { says: await transmute.receipt.consistency.verify({ oldRoot, newRoot, receipt, verifier }) };
  },
  // @auth0/cose knows no receipts, and both sorts of key.
  async "auth0 statement"({ entry, keys }) {
    const message = auth0.Sign1.decode(entry);
    await message.verify(createPublicKey({ key: named(entry, keys), format: "jwk" }));
    return { says: hex(message.payload) };
  },
  async "auth0 receipt"({ receipt, root, keys }) {
    const message = auth0.Sign1.decode(receipt);
    const key = createPublicKey({ key: named(receipt, keys), format: "jwk" });
    await message.verify(key, { detachedPayload: root });
    return { says: true };
  },
};

async function answer({ ask: name, ...question }) {
  const fields = Object.entries(question).map(([field, value]) => [field, bytes(value)]);
  try {
    const found = await ask[name](Object.fromEntries(fields));
    return { holds: found.says !== false, ...found };
  } catch (error) {
    return { holds: false, why: String(error) };
  }
}

const answers = [];
for (const question of JSON.parse(readFileSync(0, "utf8"))) answers.push(await answer(question));
process.stdout.write(JSON.stringify(answers));
