// Passkeys (M8): made after a login, the way back in, the step-up for strong actions; and everything about an answer
// changed, of which nothing is accepted.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { agentWithActions } from "../rig/agents.mjs";
import { Authenticator, UP, UV } from "../rig/authenticator.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { startStage } from "../rig/stage.mjs";

const MINUTE = 60_000;
const RP = "edge.test";

let stage;
let puppet;
let edge;

before(async () => {
  const methods = ["email_code", "passkey", "login_action"];
  const strong = { find_shop: { kind: { is: "private", assurance: "passkey" } } };
  stage = await startStage({
    agents: (api, model) => [
      agentWithActions(api, "ag_keys", { model, auth: { methods } }),
      agentWithActions(api, "ag_others", { model, auth: { methods } }),
      agentWithActions(api, "ag_strong", { model, auth: { methods }, changed: strong }),
    ],
  });
  ({ puppet, edge } = stage);
});
after(() => stage?.stop());
beforeEach(() => edge.later(61_000));
afterEach(() => stage.clear());

const post = (visitor, path, body, options = {}) => visitor.send(visitor.under(path), { body, ...options });

/** Makes a passkey for somebody who is signed in. */
async function adds(visitor, authenticator = new Authenticator(), change = {}) {
  const asked = await post(visitor, "account/passkey", {});
  assert.equal(asked.status, 200, asked.text);
  const credential = authenticator.create(asked.json(), edge.origin, change);
  return { authenticator, options: asked.json(), credential, kept: await post(visitor, "account/passkey/keep", { credential }) };
}

/** Somebody who signed in by mail and has a passkey. */
async function holder({ agent = "ag_keys", authenticator } = {}) {
  const signedIn = await stage.signedInByMail({ agent });
  const added = await adds(signedIn.visitor, authenticator);
  assert.equal(added.kept.status, 204, added.kept.text);
  return { ...signedIn, ...added };
}

const asks = async (visitor, card) => {
  const asked = await post(visitor, "login/passkey", { card });
  assert.equal(asked.status, 200, asked.text);
  return asked.json();
};
const answers = (visitor, card, credential) => post(visitor, "login/passkey/verify", { card, credential });
const kinds = async (agent) => (await edge.ledger(agent)).map(({ kind }) => kind);

describe("a passkey", () => {
  test("is made after a login with what a browser needs to know, and brings its holder back on another device", async () => {
    const { who, visitor, authenticator, options } = await holder();
    assert.equal(options.rp.id, RP);
    assert.equal(Buffer.from(options.user.id, "base64url").length, 32);
    assert.equal(options.user.name, who.email);
    assert.equal(Buffer.from(options.challenge, "base64url").length, 32);
    assert.deepEqual(options.pubKeyCredParams.map(({ alg }) => alg), [-7, -257]);
    assert.deepEqual(options.authenticatorSelection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
    assert.equal(options.attestation, "none");
    const conversation = visitor.conversation;
    await visitor.leave();

    const { visitor: phone, line, id } = await stage.atCard({ agent: "ag_keys" });
    const request = await asks(phone, id);
    assert.deepEqual(request.allowCredentials, [], "nobody is known, so nobody's passkeys are named");
    assert.equal(request.userVerification, "required");
    const verified = await answers(phone, id, authenticator.get(request, edge.origin, { client: { topOrigin: "https://shop.test" } }));
    assert.equal(verified.status, 200, verified.text);
    assert.equal(verified.json().card.step.at, "done");
    await line.closed;
    const visited = await phone.arrive();
    assert.equal(visited.state, "authenticated");
    assert.equal(visited.label, who.email);
    assert.equal(phone.conversation, conversation, "one person, one thread");
    const trail = await kinds("ag_keys");
    for (const kind of ["passkey_added", "passkey_used"]) assert.ok(trail.includes(kind), kind);
    await phone.leave();
  });

  test("of RS256, and one that does not count, does as well", async () => {
    for (const authenticator of [new Authenticator({ alg: -257 }), new Authenticator({ counts: false })]) {
      const { visitor } = await holder({ authenticator });
      await visitor.leave();
      for (let again = 0; again < 2; again += 1) {
        const { visitor: back, id } = await stage.atCard({ agent: "ag_keys" });
        const verified = await answers(back, id, authenticator.get(await asks(back, id), edge.origin));
        assert.equal(verified.status, 200, verified.text);
        await back.leave();
      }
    }
  });

  test("is what a strong action asks for, and nothing less does", async () => {
    const { visitor, line, authenticator } = await holder({ agent: "ag_strong" });
    const text = puppet.plan([["find_shop", { city: "Boulder" }]]);
    const { seq } = await line.say(text);
    const card = await line.cardAfter(seq);
    assert.deepEqual(card.methods, ["passkey"]);
    const request = await asks(visitor, card.id);
    assert.deepEqual(request.allowCredentials, [{ type: "public-key", id: authenticator.id.toString("base64url") }]);
    const old = visitor.token;
    const verified = await answers(visitor, card.id, authenticator.get(request, edge.origin, { user: undefined }));
    assert.equal(verified.status, 200, verified.text);
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");
    assert.notEqual(visitor.token, old);
    await visitor.leave();
  });

  test("is listed in the account, and is gone when its owner takes it away", async () => {
    const { who, visitor, authenticator } = await holder();
    const { proofs, passkeys } = (await visitor.send(visitor.under("account"), { method: "GET" })).json();
    assert.equal(passkeys, true);
    assert.deepEqual(proofs.map(({ method, first }) => [method, first === true]), [["email_code", true], ["passkey", false]]);
    assert.equal(proofs[0].label, who.email);
    assertRefused(await post(visitor, "account/unlink", { id: proofs[0].id }), 404, "not_found");
    assertRefused(await post(visitor, "account/unlink", { id: "x" }), 404, "not_found");
    assert.equal((await post(visitor, "account/unlink", { id: proofs[1].id })).status, 204);
    assertRefused(await post(visitor, "account/unlink", { id: proofs[1].id }), 404, "not_found");
    await visitor.leave();
    const { visitor: back, id } = await stage.atCard({ agent: "ag_keys" });
    assertRefused(await answers(back, id, authenticator.get(await asks(back, id), edge.origin)), 422, "proof_refused");
    assert.ok((await kinds("ag_keys")).includes("passkey_removed"));
    await back.leave();
  });
});

describe("making one", () => {
  test("needs a proof of the last quarter of an hour", async () => {
    const { visitor } = await stage.signedInByMail({ agent: "ag_keys" });
    await edge.later(16 * MINUTE);
    assertRefused(await post(visitor, "account/passkey", {}), 422, "proof_refused");
    await visitor.leave();
  });

  test("needs a person and a site that takes passkeys", async () => {
    const { visitor } = await stage.atCard({ agent: "ag_keys" });
    assertRefused(await post(visitor, "account/passkey", {}), 401, "signed_out");
    await visitor.leave();
    const { visitor: other } = await stage.signedInByMail();
    assertRefused(await post(other, "account/passkey", {}), 403, "method_off");
    await other.leave();
  });

  test("is done once with what was asked, by the session that asked, within five minutes", async () => {
    const { visitor } = await stage.signedInByMail({ agent: "ag_keys" });
    const { kept, options, authenticator } = await adds(visitor);
    assert.equal(kept.status, 204);
    const again = new Authenticator();
    assertRefused(await post(visitor, "account/passkey/keep", { credential: again.create(options, edge.origin) }), 422, "proof_refused");
    const late = (await post(visitor, "account/passkey", {})).json();
    assert.deepEqual(late.excludeCredentials, [{ type: "public-key", id: authenticator.id.toString("base64url") }]);
    await edge.later(6 * MINUTE);
    assertRefused(await post(visitor, "account/passkey/keep", { credential: again.create(late, edge.origin) }), 422, "proof_refused");
    const mine = (await post(visitor, "account/passkey", {})).json();
    const { visitor: other } = await stage.signedInByMail({ agent: "ag_keys" });
    assertRefused(await post(other, "account/passkey/keep", { credential: again.create(mine, edge.origin) }), 422, "proof_refused");
    await Promise.all([visitor.leave(), other.leave()]);
  });

  test("by anything but what was asked for makes none", async () => {
    const { visitor } = await stage.signedInByMail({ agent: "ag_keys" });
    const rsa1024 = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    const b = (text) => Buffer.from(text, "base64url");
    const attacks = [
      { client: { type: "webauthn.get" } },
      { client: { challenge: "A".repeat(43) } },
      { client: { origin: "https://shop.test" } },
      { client: { topOrigin: "https://evil.test" } },
      { rpId: "shop.test" },
      { flags: UP },
      { flags: UV },
      { flags: UP | UV | 0x10 },
      { cose: new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.alloc(32, 1)], [-3, Buffer.alloc(32, 1)]]) },
      { cose: new Map([[1, 2], [3, -35], [-1, 2], [-2, Buffer.alloc(48)], [-3, Buffer.alloc(48)]]) },
      { cose: new Map([[1, 1], [3, -8], [-1, 6], [-2, Buffer.alloc(32)]]) },
      { cose: new Map([[1, 4], [3, 5], [-1, Buffer.alloc(32)]]) },
      { cose: new Map([[1, 3], [3, -257], [-1, b(rsa1024.n)], [-2, b(rsa1024.e)]]) },
      { fmt: "packed" },
      { fmt: "fido-u2f", statement: new Map([["sig", Buffer.alloc(70)]]) },
      { tail: Buffer.alloc(3_500) },
      { changed: (one) => ({ ...one, type: "password" }) },
      { changed: (one) => ({ ...one, rawId: Buffer.alloc(16).toString("base64url") }) },
    ];
    for (const change of attacks) {
      const { kept } = await adds(visitor, new Authenticator(), change);
      assertRefused(kept, 422, "proof_refused");
    }
    const { proofs } = (await visitor.send(visitor.under("account"), { method: "GET" })).json();
    assert.equal(proofs.length, 1);
    await visitor.leave();
  });

  test("stops at ten", async () => {
    const { visitor } = await stage.signedInByMail({ agent: "ag_keys" });
    for (let n = 0; n < 10; n += 1) assert.equal((await adds(visitor)).kept.status, 204);
    assertRefused(await post(visitor, "account/passkey", {}), 429, "too_often");
    await visitor.leave();
  });
});

describe("an answer", () => {
  const zeros = (n) => Buffer.alloc(n).toString("base64url");
  const response = (change) => ({ changed: (one) => ({ ...one, response: { ...one.response, ...change(one.response) } }) });
  const flip = (text, at) => {
    const bytes = Buffer.from(text, "base64url");
    bytes[(at + bytes.length) % bytes.length] ^= 1;
    return bytes.toString("base64url");
  };
  const half = (text) => text.slice(0, (text.length >> 3) << 2);
  const attacks = {
    "to another question": () => ({ client: { challenge: "A".repeat(43) } }),
    "to no question": () => ({ client: { challenge: "" } }),
    "made for a registration": () => ({ client: { type: "webauthn.create" } }),
    "made for a payment": () => ({ client: { type: "payment.get" } }),
    "made at the shop": () => ({ client: { origin: "https://shop.test" } }),
    "made at a look-alike": () => ({ client: { origin: "https://edge.test.evil.test" } }),
    "made at another port": () => ({ client: { origin: "https://edge.test:444" } }),
    "made without TLS": () => ({ client: { origin: "http://edge.test" } }),
    "made inside somebody else's page": () => ({ client: { topOrigin: "https://evil.test" } }),
    "made in a page that is not around us": () => ({ client: { crossOrigin: false, topOrigin: "https://shop.test" } }),
    "for another site": () => ({ rpId: "shop.test" }),
    "for the whole domain": () => ({ rpId: "test" }),
    "of nobody who was there": () => ({ flags: UV }),
    "of nobody who was verified": () => ({ flags: UP }),
    "with no flags": () => ({ flags: 0 }),
    "copied and not to be copied": () => ({ flags: UP | UV | 0x10 }),
    "of another kind of passkey": () => ({ flags: UP | UV | 0x08 }),
    "with a new key in it": () => ({ flags: UP | UV | 0x40 }),
    "with extensions that are not there": () => ({ flags: UP | UV | 0x80 }),
    "with something at the end": () => ({ tail: Buffer.from([0]) }),
    "signed by another key": () => ({ key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }),
    "signed by a key of another curve": () => ({ key: generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey }),
    "signed by an RSA key": () => ({ key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }),
    "whose signature was changed": () => response(({ signature }) => ({ signature: flip(signature, -1) })),
    "whose signature is empty": () => response(() => ({ signature: "" })),
    "whose signature is zero": () => response(() => ({ signature: Buffer.from([0x30, 6, 2, 1, 0, 2, 1, 0]).toString("base64url") })),
    "whose signature is plain": () => response(() => ({ signature: zeros(64) })),
    "whose signature is cut": () => response(({ signature }) => ({ signature: half(signature) })),
    "whose data was changed": () => response(({ authenticatorData }) => ({ authenticatorData: flip(authenticatorData, -1) })),
    "whose data is cut": () => response(({ authenticatorData }) => ({ authenticatorData: half(authenticatorData) })),
    "whose client data is cut": () => response(({ clientDataJSON }) => ({ clientDataJSON: half(clientDataJSON) })),
    "whose client data is no JSON": () => response(() => ({ clientDataJSON: zeros(40) })),
    "whose client data is far too long": () => ({ client: { pad: "x".repeat(20_000) } }),
    "that names nobody": () => ({ user: undefined }),
    "that names nobody we know": () => ({ user: zeros(32) }),
    "that names somebody in no spelling of ours": () => ({ user: "ana@example.com" }),
    "of a passkey that nobody has": () => ({ changed: (one) => ({ ...one, id: zeros(16), rawId: zeros(16) }) }),
    "with two ids": () => ({ changed: (one) => ({ ...one, rawId: zeros(16) }) }),
    "of another type": () => ({ changed: (one) => ({ ...one, type: "password" }) }),
  };

  test(`with one thing changed, of ${Object.keys(attacks).length}, signs nobody in, and each is told the same`, async () => {
    const { visitor, authenticator } = await holder();
    const texts = new Set();
    for (const [name, attack] of Object.entries(attacks)) {
      const { visitor: thief, id } = await stage.atCard({ agent: "ag_keys" });
      const refused = await answers(thief, id, authenticator.get(await asks(thief, id), edge.origin, attack()));
      assert.equal(refused.status, 422, `${name}: ${refused.text}`);
      const { request_id: _, ...said } = refused.json();
      texts.add(JSON.stringify(said));
      assert.notEqual((await thief.arrive()).state, "authenticated", name);
      await thief.leave();
      await edge.later(1_000);
    }
    assert.equal(texts.size, 1, [...texts].join("\n"));
    // The passkey itself still does: it was the change that was refused.
    const { visitor: back, id } = await stage.atCard({ agent: "ag_keys" });
    assert.equal((await answers(back, id, authenticator.get(await asks(back, id), edge.origin))).status, 200);
    await Promise.all([visitor.leave(), back.leave()]);
  });

  test("is taken once, on the card and by the browser that asked, within five minutes", async () => {
    const { visitor, authenticator } = await holder();
    const { visitor: one, id } = await stage.atCard({ agent: "ag_keys" });
    const unasked = { challenge: Buffer.alloc(32).toString("base64url"), rpId: RP };
    assertRefused(await answers(one, id, authenticator.get(unasked, edge.origin)), 422, "proof_refused");
    // A question is used up by a wrong answer.
    const first = await asks(one, id);
    assertRefused(await answers(one, id, authenticator.get(first, edge.origin, { flags: UP })), 422, "proof_refused");
    assertRefused(await answers(one, id, authenticator.get(first, edge.origin)), 422, "proof_refused");
    // What one browser was asked is no answer for another.
    const { visitor: two, id: other } = await stage.atCard({ agent: "ag_keys" });
    const [mine] = [await asks(one, id), await asks(two, other)];
    assertRefused(await answers(two, other, authenticator.get(mine, edge.origin)), 422, "proof_refused");
    assertRefused(await answers(two, id, authenticator.get(mine, edge.origin)), 409, "card_gone");
    const late = await asks(one, id);
    await edge.later(6 * MINUTE);
    assertRefused(await answers(one, id, authenticator.get(late, edge.origin)), 422, "proof_refused");
    const good = authenticator.get(await asks(one, id), edge.origin);
    const both = await Promise.all(Array.from({ length: 6 }, () => answers(one, id, good)));
    assert.equal(both.filter(({ status }) => status === 200).length, 1, both.map(({ status }) => status).join());
    await Promise.all([visitor.leave(), one.leave(), two.leave()]);
  });

  test("that counts back raises the alarm and signs nobody in", async () => {
    const { visitor, authenticator } = await holder();
    const copy = authenticator.counter;
    const enter = async (change) => {
      const { visitor: back, id } = await stage.atCard({ agent: "ag_keys" });
      const verified = await answers(back, id, authenticator.get(await asks(back, id), edge.origin, change));
      await back.leave();
      return verified;
    };
    assert.equal((await enter({})).status, 200);
    for (const counter of [copy, authenticator.counter, 0]) assertRefused(await enter({ counter }), 422, "proof_refused");
    const trail = await kinds("ag_keys");
    assert.equal(trail.filter((kind) => kind === "passkey_cloned").length, 3);
    await visitor.leave();
  });

  test("is worth nothing at another agent, nor under another person's name", async () => {
    const ana = await holder();
    const ben = await holder();
    const { visitor: elsewhere, id } = await stage.atCard({ agent: "ag_others" });
    assertRefused(await answers(elsewhere, id, ana.authenticator.get(await asks(elsewhere, id), edge.origin)), 422, "proof_refused");
    const { visitor: here, id: card } = await stage.atCard({ agent: "ag_keys" });
    const asBen = ana.authenticator.get(await asks(here, card), edge.origin, { user: ben.authenticator.user });
    assertRefused(await answers(here, card, asBen), 422, "proof_refused");
    await Promise.all([ana.visitor, ben.visitor, elsewhere, here].map((one) => one.leave()));
  });

  test("of somebody else does not prove again who is signed in", async () => {
    const ana = await holder({ agent: "ag_strong" });
    const ben = await holder({ agent: "ag_strong" });
    const { seq } = await ana.line.say(puppet.plan([["find_shop", { city: "Boulder" }]]));
    const card = await ana.line.cardAfter(seq);
    for (const user of [ben.authenticator.user, ana.authenticator.user, undefined]) {
      const request = await asks(ana.visitor, card.id);
      const answer = ben.authenticator.get(request, edge.origin, { user });
      assertRefused(await answers(ana.visitor, card.id, answer), 422, "proof_refused");
    }
    await Promise.all([ana.visitor.leave(), ben.visitor.leave()]);
  });

  test("is counted before it is looked at: ten in a quarter of an hour for a conversation", async () => {
    const { visitor, authenticator } = await holder();
    const { visitor: thief, id } = await stage.atCard({ agent: "ag_keys" });
    for (let n = 0; n < 10; n += 1) {
      assertRefused(await answers(thief, id, authenticator.get(await asks(thief, id), edge.origin, { flags: UP })), 422, "proof_refused");
    }
    assertRefused(await answers(thief, id, authenticator.get(await asks(thief, id), edge.origin)), 429, "too_often");
    await Promise.all([visitor.leave(), thief.leave()]);
  });

  test("is refused where the site takes no passkeys, and where it has not the form", async () => {
    const { visitor, id } = await stage.atCard();
    assertRefused(await post(visitor, "login/passkey", { card: id }), 403, "method_off");
    const authenticator = new Authenticator();
    const answer = authenticator.get({ challenge: "x", rpId: RP }, edge.origin, { user: "x" });
    assertRefused(await answers(visitor, id, answer), 403, "method_off");
    for (const credential of [null, [], "x", {}, { ...answer, response: null }, { ...answer, id: 7 }]) {
      assertRefused(await answers(visitor, id, credential), 400, "bad_request");
    }
    await visitor.leave();
  });
});
