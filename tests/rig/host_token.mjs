// A company's server that signs host tokens, and one that only looks like it. Keys are made anew for each run.
import { createHmac, createSign, generateKeyPairSync, randomBytes } from "node:crypto";

import { agent } from "./agents.mjs";

const b64 = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const pem = (key) => key.export({ type: "spki", format: "pem" });

export const secret = randomBytes(33).toString("base64");
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Keys by `kid`, as the company has them and as the settings name them. */
export const KEYS = {
  h1: { alg: "HS256", sign: secret, verify: secret },
  e1: { alg: "ES256", sign: ec.privateKey, verify: ec.publicKey, public: pem(ec.publicKey) },
  r1: { alg: "RS256", sign: rsa.privateKey, verify: rsa.publicKey, public: pem(rsa.publicKey) },
};

/** The keys that the settings have. */
export const settingsKeys = [
  { alg: "HS256", kid: "h1", secret: "host_secret" },
  { alg: "ES256", kid: "e1", public: KEYS.e1.public },
  { alg: "RS256", kid: "r1", public: KEYS.r1.public },
];

/** An agent that takes host tokens. */
export function agentWithHost(id, { auth = {}, keys = settingsKeys, proves = "email_code", ...overrides } = {}) {
  return agent(id, {
    auth: { methods: ["email_code", "host_token"], host_token: { keys, proves }, persistent_context: true, ...auth },
    ...overrides,
  });
}

/** Gives the agent its shared secret, as its owner would. */
export const giveSecret = (edge, id, value = secret) => edge.secret(id, "host_secret", value);

const LENGTHS = { HS256: undefined, ES256: "ieee-p1363", RS256: undefined };

/** The signature of this text with this key, whatever the token's header says. */
export function signatureOf(text, { alg, key }) {
  if (alg.startsWith("HS")) return createHmac(`sha${alg.slice(2)}`, key).update(text).digest("base64url");
  return createSign("SHA256").update(text).sign({ key, dsaEncoding: LENGTHS[alg] }, "base64url");
}

/** Header and payload as they are given (objects, or texts as they stand), signed with the key of `kid` unless told otherwise. */
export function signed(header, payload, { kid = header.kid ?? "h1", alg = KEYS[kid]?.alg ?? "HS256", key = KEYS[kid]?.sign ?? secret } = {}) {
  const text = `${b64(header)}.${b64(payload)}`;
  return `${text}.${signatureOf(text, { alg, key })}`;
}

let made = 0;

/** Claims that are accepted now, `ahead` milliseconds from this machine's clock. */
export function claims(agentId, userId, { ahead = 0, ...more } = {}) {
  const now = Math.floor((Date.now() + ahead) / 1000);
  made += 1;
  const all = { sub: userId, aud: agentId, iat: now, exp: now + 300, jti: `jti-${process.pid}-${made}-${randomBytes(6).toString("hex")}`, ...more };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A good token. */
export function hostToken(agentId, userId, { kid = "h1", ahead = 0, header = {}, ...more } = {}) {
  return signed({ alg: KEYS[kid].alg, typ: "JWT", kid, ...header }, claims(agentId, userId, { ahead, ...more }));
}

/** Shows a token for this visitor. */
export function show(visitor, token, options = {}) {
  return visitor.send(visitor.under("login/host", options.conversation), { body: { token }, ...options });
}

/** A visitor whom the host page vouched for, and where they are. */
export async function vouchedFor(visitor, userId, more = {}) {
  if (!visitor.conversation) await visitor.arrive();
  const response = await show(visitor, hostToken(visitor.agent, userId, { ahead: visitor.edge.ahead?.() ?? 0, ...more }));
  if (response.status !== 200) throw new Error(`login/host answered ${response.status}: ${response.text}`);
  visitor.conversation = response.json().conversation;
  return response;
}
