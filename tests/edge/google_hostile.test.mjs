// A provider that lies, fails or is silent: nobody is signed in by a token that is not exactly right (R31), its keys are not
// fetched for every made-up one, and the window says what happened.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { CLIENT, Window, match, openWindow, shownBy, withGoogle } from "../rig/players/google.mjs";
import { bare, mac, sign, startHostileOp } from "../rig/players/hostile_op.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { claimsOf } from "../rig/token.mjs";

let edge;
let op;

before(async () => {
  op = await startHostileOp();
  edge = await startEdge({ vars: { GOOGLE_ISSUER: op.issuer }, agents: [agent("ag_google", { auth: withGoogle({ persistent_context: true }) })] });
  await edge.secret("ag_google", "google_client_secret", CLIENT.secret);
});
after(async () => {
  await edge?.stop();
  await op?.stop();
});
beforeEach(() => {
  op.answer = op.honest;
});

/** Walks there and back as somebody whom `answer` speaks for. */
async function walk(answer = op.honest, { visitor = new Visitor(edge, { agent: "ag_google" }), card } = {}) {
  if (!card) card = await visitor.askForCard(await visitor.connect());
  const { path } = (await openWindow(visitor, card)).json();
  const window = new Window(edge, visitor);
  op.answer = answer;
  const page = await window.at(op.back(await window.setOut(path), edge.origin));
  return { visitor, card, page };
}

const claimed = (changes) => ({ head, claims, keys }) => sign(keys.own, head, JSON.parse(JSON.stringify({ ...claims, ...changes(claims) })));
const headed = (changes) => ({ head, claims, keys }) => sign(keys.own, { ...head, ...changes }, claims);

const MUTATED = {
  "alg none": ({ head, claims }) => bare({ ...head, alg: "none" }, claims),
  "alg None": ({ head, claims }) => bare({ ...head, alg: "None" }, claims),
  "no alg": ({ head, claims }) => bare({ kid: head.kid }, claims),
  "unsigned RS256": ({ head, claims }) => bare(head, claims),
  "HS256 by the public key's text": ({ head, claims }) => mac(op.pem, { ...head, alg: "HS256" }, claims),
  "HS256 by the modulus": ({ head, claims }) => mac(Buffer.from(op.jwk.n, "base64url"), { ...head, alg: "HS256" }, claims),
  "HS256 by the client's secret": ({ head, claims }) => mac(CLIENT.secret, { ...head, alg: "HS256" }, claims),
  "RS512": ({ head, claims, keys }) => sign(keys.own, { ...head, alg: "RS512" }, claims, "sha512"),
  "another key": ({ head, claims, keys }) => sign(keys.other, head, claims),
  "another kid": headed({ kid: "k2" }),
  "no kid": headed({ kid: undefined }),
  "an empty kid": headed({ kid: "" }),
  "a list of kids": headed({ kid: ["k1"] }),
  "another issuer": claimed(() => ({ iss: "https://accounts.google.com" })),
  "no issuer": claimed(() => ({ iss: undefined })),
  "a list of issuers": claimed(({ iss }) => ({ iss: [iss] })),
  "an issuer with a slash": claimed(({ iss }) => ({ iss: `${iss}/` })),
  "another client's token": claimed(() => ({ aud: "another-client", azp: "another-client" })),
  "no audience": claimed(() => ({ aud: undefined })),
  "an empty audience": claimed(() => ({ aud: [] })),
  "several audiences and no azp": claimed(({ aud }) => ({ aud: [aud, "x"], azp: undefined })),
  "another azp": claimed(() => ({ azp: "another-client" })),
  "another nonce": claimed(() => ({ nonce: "A".repeat(43) })),
  "no nonce": claimed(() => ({ nonce: undefined })),
  "a list of nonces": claimed(({ nonce }) => ({ nonce: [nonce] })),
  "ended five minutes ago": claimed(({ iat }) => ({ iat: iat - 4000, exp: iat - 300 })),
  "no end": claimed(() => ({ exp: undefined })),
  "an end as text": claimed(({ exp }) => ({ exp: String(exp) })),
  "made in five minutes": claimed(({ iat }) => ({ iat: iat + 300, exp: iat + 4000 })),
  "no time": claimed(() => ({ iat: undefined })),
  "not before five minutes": claimed(({ iat }) => ({ nbf: iat + 300 })),
  "an empty sub": claimed(() => ({ sub: "" })),
  "a sub that is a number": claimed(() => ({ sub: 4711 })),
  "a sub that is a list": claimed(() => ({ sub: ["4711"] })),
  "a sub that is an object": claimed(() => ({ sub: { $ne: "" } })),
  "no sub": claimed(() => ({ sub: undefined })),
  "a huge sub": claimed(() => ({ sub: "x".repeat(5000) })),
  "a huge token": claimed(() => ({ more: "x".repeat(40_000) })),
  "a token beyond any limit": claimed(() => ({ more: "x".repeat(2_000_000) })),
  "jku": headed({ jku: "https://evil.test/jwks" }),
  "jwk": headed({ jwk: { kty: "RSA", n: "AQAB", e: "AQAB" } }),
  "x5u": headed({ x5u: "https://evil.test/x" }),
  "x5c": headed({ x5c: ["AAAA"] }),
  "crit": headed({ crit: ["exp"] }),
  "a JWE": () => `${Buffer.from('{"alg":"RSA-OAEP","enc":"A256GCM","kid":"k1"}').toString("base64url")}.AAAA.AAAA.AAAA.AAAA`,
  "an access token's type": headed({ typ: "at+jwt" }),
  "two parts": (given) => op.honest(given).split(".").slice(0, 2).join("."),
  "other claims under the signature": (given) => {
    const [head, , signature] = op.honest(given).split(".");
    return `${head}.${Buffer.from(JSON.stringify({ ...given.claims, sub: "1" })).toString("base64url")}.${signature}`;
  },
  "no token": () => undefined,
  "a token that is null": () => null,
  "a token that is a list": (given) => [op.honest(given)],
  "an empty text": () => "",
};

describe("a token that is not exactly right", () => {
  for (const [what, answer] of Object.entries(MUTATED)) {
    test(`proves nobody: ${what}`, async () => {
      const { visitor, card, page } = await walk(answer);
      assert.ok(["refused", "unavailable"].includes(shownBy(page).state), `${page.status} ${shownBy(page).state}`);
      for (const code of ["", "000000"]) assertRefused(await match(visitor, card, code), 422, "code_not_accepted");
      assert.equal(claimsOf(visitor.token).amr, undefined);
      await visitor.leave();
    });
  }

  test("and the same one that is right signs in, so that it is not the rig that refuses", async () => {
    const { visitor, card, page } = await walk();
    assert.equal(shownBy(page).state, "done");
    assert.equal((await match(visitor, card)).status, 200);
    await visitor.leave();
  });

  test("there are at least twenty-five of them", () => assert.ok(Object.keys(MUTATED).length >= 25));
});

describe("an address that Google does not call verified", () => {
  for (const [what, changes] of Object.entries({
    '"true" as text': { email_verified: "true" }, false: { email_verified: false }, absent: { email_verified: undefined }, 1: { email_verified: 1 },
    "no address": { email: undefined }, "two addresses": { email: ["ana@example.com", "mallory@example.com"] },
  })) {
    test(`is not used: ${what}`, async () => {
      const { visitor, card } = await walk(claimed(() => ({ ...changes, sub: `mail${what.replace(/\W/g, "")}` })));
      assert.equal((await match(visitor, card)).status, 200);
      await visitor.arrive();
      const line = await visitor.connect();
      await line.until("an answer", (frame) => frame.type === "answer");
      assert.doesNotMatch(JSON.stringify(line.frames), /NW-100/, "somebody else's orders");
      assert.ok(!(await visitor.remembered()).json().fields.some(({ name }) => name === "email"));
      await visitor.leave();
    });
  }
});

describe("the provider's keys", () => {
  test("are fetched at most twice for any number of made-up kids", async () => {
    const before = op.keyFetches;
    const visitors = Array.from({ length: 12 }, () => new Visitor(edge, { agent: "ag_google" }));
    let walks = 0;
    await Promise.all(visitors.map(async (visitor, v) => {
      const card = await visitor.askForCard(await visitor.connect());
      for (let i = 0; i < 9; i += 1) {
        const { page } = await walk(headed({ kid: `made-up-${v}-${i}` }), { visitor, card });
        assert.equal(shownBy(page).state, "refused");
        walks += 1;
      }
      await visitor.leave();
    }));
    assert.equal(walks, 108);
    assert.ok(op.keyFetches - before <= 2, `${op.keyFetches - before} fetches`);
  });

  test("are fetched anew, once, when a new one signs", async () => {
    await edge.later(61_000);
    op.now = () => Math.floor(Date.now() / 1000) + 61;
    const before = op.keyFetches;
    op.keyAnswer = { keys: [op.jwk, { ...op.jwk, kid: "k-next" }] };
    const { visitor, card, page } = await walk(headed({ kid: "k-next" }));
    assert.equal(shownBy(page).state, "done");
    assert.equal((await match(visitor, card)).status, 200);
    assert.equal(op.keyFetches - before, 1);
    await visitor.leave();
  });
});

describe("a provider that", () => {
  for (const [what, answer, state] of [
    ["refuses the code", { status: 400, body: { error: "invalid_grant" } }, "refused"],
    ["refuses the client", { status: 401, body: { error: "invalid_client" } }, "refused"],
    ["fails", { status: 500 }, "unavailable"],
    ["is away", { status: 503, body: "<html>" }, "unavailable"],
    ["redirects", { status: 302 }, "unavailable"],
    ["answers no JSON", { status: 200, body: "<html>" }, "refused"],
    ["says nothing", "hang", "unavailable"],
  ]) {
    test(`${what} signs nobody in, and another try works`, async () => {
      const { visitor, card, page } = await walk(() => answer);
      assert.equal(shownBy(page).state, state);
      assert.match(page.text, /Go back to the chat/);
      assertRefused(await match(visitor, card), 422, "code_not_accepted");
      const again = await walk(op.honest, { visitor, card });
      assert.equal(shownBy(again.page).state, "done");
      assert.equal((await match(visitor, card)).status, 200);
      await visitor.leave();
    });
  }
});

test("what is sent for a code is a form over POST with everything that Google wants, and no more", async () => {
  const { visitor } = await walk();
  const { form, headers } = op.exchanges.at(-1);
  assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
  assert.equal(headers.authorization, undefined);
  const { code, code_verifier, ...rest } = form;
  assert.match(code, /^code\d+$/);
  assert.match(code_verifier, /^[\w-]{43}$/);
  assert.deepEqual(rest, {
    grant_type: "authorization_code", client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uri: `${edge.origin}/login/google/callback`,
  });
  for (const secret of [CLIENT.secret, "canary-access-token", code_verifier]) assert.ok(!edge.logs().includes(secret));
  await visitor.leave();
});
