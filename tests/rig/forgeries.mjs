// Tokens that must open nothing: forged by hand, and mutated by the tens of thousands. The same inputs and keys are given to npm
// `jose`, which must never refuse what we accept (R22, R27, R41).
import { execFileSync, spawnSync } from "node:child_process";
import { createHmac, createSecretKey, hkdfSync, randomBytes } from "node:crypto";
import { jwtVerify } from "jose";

import { Visitor } from "./client.mjs";
import { startEdge } from "./edge.mjs";
import { KEYS, agentWithHost, claims, giveSecret, hostToken, secret, settingsKeys, show, signed, vouchedFor } from "./host_token.mjs";
import { root } from "./paths.mjs";
import { freshKey } from "./secrets.mjs";
import { claimsOf, headOf } from "./token.mjs";

const AGENT = "ag_host";
const ISSUER = "https://edge.test";
const b64 = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** What proves nobody: thirty ways and more, each a token or what stands where one should. */
export function forgedHostTokens(agentId, ahead) {
  const of = (changed, header = {}, how) => signed({ alg: "HS256", typ: "JWT", kid: "h1", ...header }, claims(agentId, "victim", { ahead, ...changed }), how);
  const good = of({});
  const [head, body, mac] = good.split(".");
  const now = Math.floor((Date.now() + ahead) / 1000);
  const doubled = (text) => signed({ alg: "HS256", kid: "h1" }, JSON.stringify(claims(agentId, "victim", { ahead })).replace("{", `{${text},`));
  const none = (alg) => `${Buffer.from(JSON.stringify({ alg, typ: "JWT", kid: "h1" })).toString("base64url")}.${body}.`;
  return [
    ["nothing", ""], ["the word null", "null"], ["the word undefined", "undefined"], ["null", null], ["a list", [good]], ["an object", { token: good }],
    ["a number", 1], ["true", true], ["spaces", "   "], ["dots", ".."], ["no signature", `${head}.${body}`], ["an empty signature", `${head}.${body}.`],
    ["alg none", none("none")], ["alg None", none("None")], ["alg nOnE", none("nOnE")], ["another secret", of({}, {}, { key: randomBytes(40).toString("hex") })],
    ["no secret", of({}, {}, { key: "" })], ["another kid", of({}, { kid: "h2" })], ["no kid", of({}, { kid: undefined }, { kid: "h1" })],
    ["HS384", of({}, { alg: "HS384" }, { alg: "HS384" })], ["HS512", of({}, { alg: "HS512" }, { alg: "HS512" })],
    ["the public key as a secret", of({}, { kid: "r1", alg: "HS256" }, { alg: "HS256", key: KEYS.r1.public })],
    ["the key's own algorithm with another's kid", of({}, { alg: "ES256", kid: "h1" }, { alg: "ES256", key: KEYS.e1.sign })],
    ["a key in the header", of({}, { jwk: { kty: "oct", k: "AAAA" } })], ["a key's address", of({}, { jku: "https://evil.test/keys" })],
    ["a certificate's address", of({}, { x5u: "https://evil.test" })], ["crit", of({}, { crit: ["exp"] })], ["b64", of({}, { b64: false })],
    ["another typ", of({}, { typ: "session+jwt" })], ["another agent", of({ aud: "ag_forgetful" })], ["two agents", of({ aud: [agentId, "ag_forgetful"] })],
    ["no agent", of({ aud: undefined })], ["no user", of({ sub: undefined })], ["an empty user", of({ sub: "" })], ["a user called null", of({ sub: "null" })],
    ["a user called undefined", of({ sub: "undefined" })], ["users in a list", of({ sub: ["victim"] })], ["a user in an object", of({ sub: { id: "victim" } })],
    ["a number for a user", of({ sub: 7 })], ["two users", of({ user_id: "somebody" })], ["a user with a line in it", of({ sub: "victim\nx" })],
    ["no end", of({ exp: undefined })], ["an end that is text", of({ exp: String(now + 300) })], ["a day", of({ exp: now + 86_400 })],
    ["it ended", of({ iat: now - 900, exp: now - 300 })], ["it is not yet", of({ iat: now + 300, exp: now + 600 })], ["nbf later", of({ nbf: now + 200 })],
    ["no begin", of({ iat: undefined })], ["no jti", of({ jti: undefined })], ["an empty jti", of({ jti: "" })], ["a jti in a list", of({ jti: ["x"] })],
    ["a claim twice", doubled('"sub":"somebody"')], ["the end twice", doubled(`"exp":${now + 10}`)], ["the payload of another", `${head}.${Buffer.from('{"sub":"victim"}').toString("base64url")}.${mac}`],
    ["a cut signature", good.slice(0, -2)], ["padding", `${good}=`], ["a fourth part", `${good}.${mac}`], ["too long", of({ pad: "x".repeat(5_000) })],
    ["an address for an email", of({ email: ["ana@example.com"] })], ["a name that is none", of({ name: { toString: 1 } })],
  ];
}

/** Thirty cookies that nobody was given, made from a person's good one. */
export function forgedCookies(good, visit, agentId) {
  const [head, body, mac] = good.split(".");
  const [header, said] = [headOf(good), claimsOf(good)];
  const of = (changedHead, changed, signature = mac) => `${b64({ ...header, ...changedHead })}.${b64({ ...said, ...changed })}.${signature}`;
  const by = (key, changedHead = {}, changed = {}) => {
    const text = of(changedHead, changed).split(".").slice(0, 2).join(".");
    return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
  };
  const [visitHead, visitBody, visitMac] = visit.split(".");
  return [
    ["alg none", of({ alg: "none" }, {}, "")], ["alg None", of({ alg: "None" }, {}, "")], ["no signature", `${head}.${body}.`], ["two parts", `${head}.${body}`],
    ["another person", of({}, { sub: "A".repeat(43) })], ["another session", of({}, { sid: "A".repeat(22) })], ["another conversation", of({}, { conv: `${agentId}.${"A".repeat(22)}` })],
    ["a longer life", of({}, { exp: said.exp + 1 })], ["another agent", of({}, { aud: "ag_other" })], ["another edge", of({}, { iss: "https://evil.test" })],
    ["another typ", of({ typ: "visit+jwt" }, {})], ["JWT", of({ typ: "JWT" }, {})], ["another kid", of({ kid: "k9" }, {})], ["a kid that is a path", of({ kid: "../../dev/null" }, {})],
    ["no kid", of({ kid: undefined }, {})], ["HS384", of({ alg: "HS384" }, {})], ["RS256", of({ alg: "RS256" }, {})], ["crit", of({ crit: ["exp"] }, {})], ["jwk", of({ jwk: { kty: "oct", k: "AA" } }, {})],
    ["jku", of({ jku: "https://evil.test" }, {})], ["an empty key", by("")], ["a key of zeros", by(Buffer.alloc(32))], ["a random key", by(randomBytes(32))], ["the agent's name as the key", by(agentId)],
    ["the host's secret", by(secret)], ["a visitor's head", `${visitHead}.${body}.${mac}`], ["a visitor's claims", `${head}.${visitBody}.${mac}`], ["a visitor's signature", `${head}.${body}.${visitMac}`],
    ["padding", `${good}=`], ["a fourth part", `${good}.${mac}`], ["a cut signature", good.slice(0, -1)], ["null", "null"], ["undefined", "undefined"],
  ];
}

/** Numbers that are the same for the same seed (mulberry32). */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NOISE = [..."=+/. \t\n\0%,;\"'é\u200b"];

/** One change of a good token; `others` are good ones to splice with. Never a good token itself. */
export function mutate(token, others, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const parts = token.split(".");
  const part = Math.floor(random() * 3);
  const within = Math.floor(random() * parts[part].length);
  const inPart = (text) => parts.map((one, index) => (index === part ? text : one)).join(".");
  const spliced = () => pick(others).split(".")[part];
  const json = (index) => JSON.parse(Buffer.from(parts[index], "base64url").toString("utf8"));
  const altered = (index, change) => {
    const value = json(index);
    change(value);
    return parts.map((one, at) => (at === index ? b64(value) : one)).join(".");
  };
  const values = [null, "", 0, 1, -1, 1e12, true, [], {}, "x", "none", "HS256", "RS256", AGENT, "A".repeat(43), ["x"]];
  const ways = [
    () => inPart(parts[part].slice(0, within) + pick(ALPHABET) + parts[part].slice(within + 1)),
    () => inPart(parts[part].slice(0, within) + pick(ALPHABET) + parts[part].slice(within)),
    () => inPart(parts[part].slice(0, within) + parts[part].slice(within + 1)),
    () => inPart(parts[part].slice(0, within)),
    () => inPart(parts[part].slice(0, within) + pick(NOISE) + parts[part].slice(within)),
    () => {
      const bytes = Buffer.from(parts[part], "base64url");
      bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
      return inPart(bytes.toString("base64url"));
    },
    () => inPart(spliced()),
    () => inPart(parts[part].slice(0, within) + spliced().slice(within)),
    // The last character holds bits that count for nothing: only one spelling of a signature is good.
    () => inPart(parts[part].slice(0, -1) + ALPHABET[ALPHABET.indexOf(parts[part].at(-1)) ^ 1]),
    () => inPart(Buffer.from(parts[part], "base64url").toString("base64")),
    () => altered(0, (value) => { value[pick(["alg", "kid", "typ", "crit", "jku", "jwk", "b64", "x5u"])] = pick([...values, "h1", "e1", "r1", "k1", ["exp"]]); }),
    () => altered(1, (value) => { value[pick(Object.keys(value))] = pick(values); }),
    () => altered(1, (value) => { value[pick(["exp", "iat", "nbf"])] += Math.floor((random() - 0.5) * 10_000) || 1; }),
    () => altered(1, (value) => { delete value[pick(Object.keys(value))]; }),
    () => [parts[1], parts[0], parts[2]].join("."),
    () => parts.toSpliced(part, 1).join("."),
    () => [...parts, pick(parts)].join("."),
    () => token.toUpperCase(),
  ];
  for (;;) {
    const changed = pick(ways)();
    if (changed !== token && !others.includes(changed)) return changed;
  }
}

/** Signed with the true key, and odd all the same: what of it is good is for two libraries to agree on. */
function oddHost(random, now) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const said = { sub: "u-1", aud: AGENT, iat: now, exp: now + 300, jti: "j" };
  for (let times = Math.floor(random() * 3); times > 0; times -= 1) {
    const [name, value] = pick([
      ["iat", now + pick([-4_000, -3_700, -3_600, -61, -60, 0, 59, 60, 61, 300])], ["exp", now + pick([-300, -61, -60, -59, 0, 1, 300, 3_600, 3_601, 3_660, 9_000])],
      ["nbf", now + pick([-60, 0, 60, 61, 300])], ["aud", pick([AGENT, [AGENT], [AGENT, "x"], "x", [], undefined, 1])], ["exp", pick([undefined, "soon", null, 1.5, now + 100.5])],
      ["iat", pick([undefined, String(now), null, now - 0.5])], ["jti", pick([undefined, "", "x", 1])], ["sub", pick([undefined, "", "u-1", 1, ["u"]])], ["nbf", pick([null, "x"])],
    ]);
    if (value === undefined) delete said[name];
    else said[name] = value;
  }
  const kid = pick(Object.keys(KEYS));
  const header = { alg: KEYS[kid].alg, ...pick([{ typ: "JWT" }, {}, { typ: "at+jwt" }, { crit: ["exp"] }, { b64: true, crit: ["b64"] }, { typ: "JWT", cty: "JWT" }]), kid };
  return signed(header, said, { kid });
}

const judge = (() => {
  let program;
  return (how, tokens) => {
    program ??= build();
    const input = [how, ...tokens].map((line) => JSON.stringify(line)).join("\n");
    return execFileSync(program, { input, encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map((line) => line === "1");
  };
})();

/** The edge's own functions, built for this machine. */
function build() {
  const cargo = ["build", "--quiet", "--profile", "quick", "--package", "countersign-domain", "--example", "judge_tokens", "--message-format", "json"];
  const run = spawnSync("cargo", cargo, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  const made = run.stdout?.split("\n").filter((line) => line.includes("judge_tokens")).map((line) => JSON.parse(line)).find((line) => line.executable);
  if (!made) throw new Error(`the judge was not built: ${run.stderr ?? run.error}`);
  return made.executable;
}

/** Whether `jose` accepts each of them, asked with the same keys, clock and expectations. */
async function asks(tokens, keyOf, options) {
  const answers = [];
  for (let from = 0; from < tokens.length; from += 500) {
    const batch = tokens.slice(from, from + 500).map((token) => jwtVerify(token, keyOf, options).then(() => true, () => false));
    answers.push(...await Promise.all(batch));
  }
  return answers;
}

/** What two judges said of the same tokens: how many the edge's functions accepted, and which of them `jose` refused. */
async function compared(how, keyOf, options, tokens) {
  const [ours, theirs] = [judge(how, tokens), await asks(tokens, keyOf, options)];
  if (ours.length !== tokens.length) throw new Error(`${ours.length} answers to ${tokens.length} tokens`);
  return { accepted: tokens.filter((_, index) => ours[index]), alone: tokens.filter((_, index) => ours[index] && !theirs[index]), theirs: theirs.filter(Boolean).length };
}

/** Host tokens and cookies, mutated and odd, before the edge's own functions and `jose`. */
export async function tryMutated({ mutations = 100_000, odd = 6_000, seed = 20_261_121 } = {}) {
  const random = seeded(seed);
  const nowMs = Date.now();
  const now = Math.floor(nowMs / 1000);
  const currentDate = new Date(nowMs);
  const keyOfHost = ({ kid, alg }) => {
    if (!Object.hasOwn(KEYS, kid) || KEYS[kid].alg !== alg) throw new Error("no such key");
    return kid === "h1" ? createSecretKey(Buffer.from(secret)) : KEYS[kid].verify;
  };
  const host = { how: { kind: "host", now: nowMs, agent: AGENT, keys: settingsKeys, secrets: { host_secret: secret } }, keyOf: keyOfHost };
  host.options = { algorithms: ["HS256", "ES256", "RS256"], audience: AGENT, clockTolerance: 60, maxTokenAge: 3_600, currentDate, requiredClaims: ["exp", "iat", "jti"] };
  // Twice as many HS256: they are what most companies will use.
  host.good = ["h1", "h1", "e1", "r1"].flatMap((kid) => Array.from({ length: 5 }, (_, index) => hostToken(AGENT, `u-${index}`, { kid, name: "Ana", email: "ana@example.com" })));

  const master = freshKey();
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", Buffer.from(master, "base64"), "", `countersign/v1/session/${AGENT}`, 32)));
  const id = (length) => randomBytes(length).toString("base64url").slice(0, length);
  const cookie = (typ) => {
    const conv = `${AGENT}.${id(22)}`;
    const all = { iss: ISSUER, aud: AGENT, sub: typ === "visit+jwt" ? conv.split(".")[1] : id(43), sid: id(22), conv, iat: now, nbf: now, exp: now + 3_600 };
    const text = `${b64({ typ, alg: "HS256", kid: "k1" })}.${b64(typ === "visit+jwt" ? all : { ...all, auth_time: now, amr: ["otp"] })}`;
    return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
  };
  const session = { how: { kind: "session", now: nowMs, agent: AGENT, signing: `k1:${master}`, issuer: ISSUER }, keyOf: () => key };
  session.options = { algorithms: ["HS256"], audience: AGENT, issuer: ISSUER, clockTolerance: 60, currentDate, requiredClaims: ["exp", "iat", "nbf", "sub"] };
  session.good = Array.from({ length: 20 }, (_, index) => cookie(index % 4 === 0 ? "visit+jwt" : "session+jwt"));

  const found = { mutations: 0, accepted: [], alone: [], odd: 0, oddAccepted: 0, good: 0 };
  for (const { how, keyOf, options, good } of [host, session]) {
    const controls = await compared(how, keyOf, options, good);
    if (controls.accepted.length !== good.length || controls.theirs !== good.length) throw new Error(`of ${good.length} good tokens ${controls.accepted.length} pass here and ${controls.theirs} with jose`);
    found.good += good.length;
    const tokens = Array.from({ length: mutations / 2 }, () => mutate(good[Math.floor(random() * good.length)], good, random));
    const { accepted, alone } = await compared(how, keyOf, options, tokens);
    found.mutations += tokens.length;
    found.accepted.push(...accepted);
    found.alone.push(...alone);
  }
  const tokens = Array.from({ length: odd }, () => oddHost(random, now));
  const { accepted, alone } = await compared(host.how, host.keyOf, host.options, tokens);
  if (accepted.length === 0 || accepted.length === odd) throw new Error("the odd tokens are all alike");
  found.odd = odd;
  found.oddAccepted = accepted.length;
  found.alone.push(...alone);
  return found;
}

/** The forged ones and some mutated ones by HTTP, where a token may stand. Returns `{tried, accepted, controls}`. */
export async function tryForged({ sample = 600, seed = 7 } = {}) {
  const random = seeded(seed);
  const edge = await startEdge({ agents: [agentWithHost(AGENT)] });
  try {
    await giveSecret(edge, AGENT);
    const victim = new Visitor(edge, { agent: AGENT });
    await victim.arrive();
    const visit = victim.token;
    await vouchedFor(victim, "victim");
    const stranger = new Visitor(edge, { agent: AGENT });
    await stranger.arrive();
    const accepted = [];
    let tried = 0;
    const forged = forgedHostTokens(AGENT, 0);
    const good = Array.from({ length: 8 }, (_, index) => hostToken(AGENT, `u-${index}`, { kid: ["h1", "e1", "r1"][index % 3] }));
    for (let index = 0; index < sample / 2; index += 1) forged.push(["mutated", mutate(good[index % good.length], good, random)]);
    for (const [what, token] of forged) {
      tried += 1;
      const answer = await show(stranger, token, { headers: { "cf-connecting-ip": `10.9.${tried >> 5}.${tried & 31}` } });
      if (answer.status !== 422 || answer.setCookie.length > 0) accepted.push(`host token, ${what}: ${answer.status}`);
    }
    const cookies = forgedCookies(victim.token, visit, AGENT);
    for (let index = 0; index < sample / 2; index += 1) cookies.push(["mutated", mutate(victim.token, [victim.token, visit], random)]);
    for (const [what, token] of cookies) {
      tried += 1;
      const clean = /^[\x21-\x7e]*$/.test(token) && !/[;,"\\]/.test(token);
      const headers = clean && random() < 0.5 ? { cookie: `${victim.cookieName}=${token}` } : { cookie: undefined, authorization: clean ? `Bearer ${token}` : `Bearer ${encodeURIComponent(token)}` };
      const answer = await new Visitor(edge, { agent: AGENT }).account({ conversation: victim.conversation, headers });
      if (answer.status !== 401) accepted.push(`cookie, ${what}: ${answer.status}`);
    }
    const controls = [(await victim.account()).status, (await show(stranger, good[0])).status];
    if (controls.some((status) => status !== 200)) throw new Error(`what is good is refused: ${controls}`);
    return { tried, forged: forgedHostTokens(AGENT, 0).length + forgedCookies(victim.token, visit, AGENT).length, accepted };
  } finally {
    await edge.stop();
  }
}
