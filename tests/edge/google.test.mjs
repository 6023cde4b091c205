// Signing in with Google in another window: there and back, which window may finish whose login, and everything that is
// dropped, replayed or swapped on the way (M4, R30, R33, R34, R35).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { ANA, BEN, CHRIS, CLIENT, Window, match, openWindow, shownBy, startGoogle, withGoogle } from "../rig/players/google.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { claimsOf } from "../rig/token.mjs";

const MINUTE = 60_000;
let edge;
let google;

before(async () => {
  google = await startGoogle();
  edge = await startEdge({
    vars: { GOOGLE_ISSUER: google.issuer },
    agents: [
      agent("ag_google", { auth: withGoogle({ persistent_context: true, visible_fields: ["email", "name"] }) }),
      agent("ag_other", { auth: withGoogle() }),
      agent("ag_nosecret", { auth: withGoogle() }),
      agent("ag_mail"),
    ],
  });
  for (const id of ["ag_google", "ag_other"]) await edge.secret(id, "google_client_secret", CLIENT.secret);
});
after(async () => {
  await edge?.stop();
  await google?.stop();
});

/** A visitor at an open card. */
async function atCard(id = "ag_google") {
  const visitor = new Visitor(edge, { agent: id });
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  return { visitor, line, card };
}

/** The same, with a window that may go. */
async function withWindow(id) {
  const one = await atCard(id);
  const started = await openWindow(one.visitor, one.card);
  assert.equal(started.status, 200, started.text);
  const { path } = started.json();
  return { ...one, path, flow: path.split("/").at(-1), started };
}

const step = (line, at) => line.until(`the card at ${at}`, (frame) => frame.type === "card" && frame.card.step.at === at);

/** Waits for everything that is on its way, and insists that nobody is signed in. */
async function assertNobody({ visitor, line }) {
  await line.ping();
  assert.ok(!line.frames.some((frame) => frame.type === "state" && frame.state === "authenticated"), "somebody is signed in");
  assert.equal(claimsOf(visitor.token).amr, undefined, "the cookie is a session's");
}

/** Insists that this window's page lets nobody in, and that the chat cannot finish by asking. */
async function assertNothing(chat, page) {
  assert.notEqual(page.status, 200, `${page.status}: ${shownBy(page).state}`);
  assert.equal(shownBy(page).code ?? "", "");
  for (const code of ["", "000000"]) assertRefused(await match(chat.visitor, chat.card, code), 422, "code_not_accepted");
  await assertNobody(chat);
}

describe("somebody who chooses an account in the window", () => {
  test("is signed in without typing anything, where the browser brings the chat's own cookie along", async () => {
    const { visitor, line, card, path } = await withWindow();
    const page = await new Window(edge, visitor).walk(path);
    assert.equal(page.status, 200);
    assert.deepEqual(shownBy(page), { state: "done", code: "", card: "" });
    assert.match(page.text, /Go back to the chat/);
    assert.deepEqual((await step(line, "match")).card.step, { at: "match", digits: 0 });
    await assertNobody({ visitor, line });

    const before = visitor.token;
    const matched = await match(visitor, card);
    assert.equal(matched.status, 200, matched.text);
    assert.equal(matched.json().card.step.at, "done");
    assert.notEqual(visitor.token, before);
    assert.deepEqual(claimsOf(visitor.token).amr, ["fed"]);
    assert.equal((await visitor.arrive()).state, "authenticated");
    // The question that waited goes on, with the orders of the address that Google vouches for.
    const again = await visitor.connect();
    await again.until("Ana's orders", (frame) => frame.type === "answer" && /NW-100[123]/.test(JSON.stringify(frame.blocks)));
    await visitor.leave();
  });

  test("types the code that the window shows, where the cookie is not let through", async () => {
    const { visitor, line, card, path } = await withWindow();
    const page = await new Window(edge).walk(path, BEN.sub);
    const { state, code, card: shown } = shownBy(page);
    assert.equal(state, "code");
    assert.equal(shown, card);
    assert.match(code, /^\d{6}$/);
    assert.ok(page.text.includes(`>${code}</p>`));
    assert.deepEqual((await step(line, "match")).card.step, { at: "match", digits: 6 });
    for (const wrong of ["", String((Number(code) + 1) % 1e6).padStart(6, "0")]) {
      assertRefused(await match(visitor, card, wrong), 422, "code_not_accepted");
    }
    const matched = await match(visitor, card, ` ${code.slice(0, 3)} ${code.slice(3)}`);
    assert.equal(matched.status, 200, matched.text);
    const visited = await visitor.arrive();
    assert.equal(visited.state, "authenticated");
    // Once.
    assertRefused(await match(visitor, card, code), 422, "code_not_accepted");
    await visitor.leave();
  });

  test("is the same person the next time, and another one by another account or at another agent", async () => {
    const people = [];
    for (const [id, account] of [["ag_google", ANA], ["ag_google", ANA], ["ag_google", BEN], ["ag_other", ANA]]) {
      const { visitor, card, path } = await withWindow(id);
      await new Window(edge, visitor).walk(path, account.sub);
      assert.equal((await match(visitor, card)).status, 200);
      people.push(claimsOf(visitor.token).sub);
      await visitor.leave();
    }
    assert.equal(people[0], people[1]);
    assert.equal(new Set(people).size, 3);
  });

  test("is remembered by an address only where Google says that it is verified", async () => {
    const { visitor, card, path } = await withWindow();
    await new Window(edge, visitor).walk(path, CHRIS.sub);
    assert.equal((await match(visitor, card)).status, 200);
    await visitor.arrive();
    const fields = (await visitor.remembered()).json().fields.map(({ name, value }) => [name, value]);
    assert.deepEqual(fields, [["name", CHRIS.name]]);
    await visitor.leave();
  });

  test("and is signed in already proves it again, and cannot turn into somebody else", async () => {
    const { visitor, card, path } = await withWindow();
    await new Window(edge, visitor).walk(path, ANA.sub);
    assert.equal((await match(visitor, card)).status, 200);
    await visitor.leave();
    await visitor.arrive();
    // Signed in: no card is open, and the one before is over.
    assertRefused(await openWindow(visitor, card), 409, "card_gone");
    await visitor.leave();
  });
});

describe("the window", () => {
  test("sets out with what binds its answer, and changes nothing by setting out", async () => {
    const { visitor, line, path, started } = await withWindow();
    const [binding] = started.setCookie;
    assert.match(binding, /^__Host-csb_[\w-]{22}=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=None; Max-Age=600$/);
    const window = new Window(edge);
    const page = await window.at(path);
    assert.equal(page.status, 302);
    assert.match(page.setCookie[0], /^__Host-csw_[\w-]{22}=[\w-]{22}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/);
    assert.equal(page.headers["cache-control"], "no-store");
    assert.equal(page.headers["referrer-policy"], "no-referrer");
    const url = new URL(page.headers.location);
    assert.equal(url.origin, google.issuer);
    assert.equal(url.searchParams.get("redirect_uri"), `${edge.origin}/login/google/callback`);
    const frames = line.lastSeq;
    const again = new URL((await window.at(path)).headers.location);
    for (const name of ["state", "nonce", "code_challenge"]) {
      assert.notEqual(again.searchParams.get(name), url.searchParams.get(name), name);
      assert.ok(url.searchParams.get(name).length >= 43, name);
    }
    await line.ping();
    assert.equal(line.lastSeq, frames);
    // The address holds nothing that lets anybody in: not the secret of either cookie, not the client's secret.
    for (const secret of [visitor.token, CLIENT.secret, binding.slice(binding.indexOf("=") + 1).split(";")[0]]) {
      assert.ok(!page.headers.location.includes(secret) && !path.includes(secret));
    }
    await visitor.leave();
  });

  test("is a page of its own: nothing else may show it, and its script is the one that we wrote", async () => {
    const { visitor, path } = await withWindow();
    const page = await new Window(edge).walk(path);
    const policy = page.headers["content-security-policy"];
    assert.match(policy, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(page.text, /opener\.postMessage\(\{ type: "countersign:match", code, card \}, origin\)/);
    assert.match(page.text, new RegExp(`data-origin="${edge.origin}"`));
    const framed = await new Window(edge).at(path, { headers: { "sec-fetch-dest": "iframe" } });
    assert.equal(framed.status, 400);
    assert.deepEqual(framed.setCookie, []);
    await visitor.leave();
  });

  test("says so when the visitor says no, and the card stays for another way", async () => {
    const { visitor, line, card, path } = await withWindow();
    const page = await new Window(edge, visitor).walk(path, "none");
    assert.equal(shownBy(page).state, "cancelled");
    assert.match(page.text, /You did not sign in/);
    assertRefused(await match(visitor, card), 422, "code_not_accepted");
    await assertNobody({ visitor, line });
    const address = "google-then-mail@example.com";
    assert.equal((await visitor.verify(card, await visitor.codeFor(card, address))).status, 200);
    await visitor.leave();
  });

  test("that comes back too often to one network is told so, and its conversation is not asked; other networks go on", async () => {
    const network = { "cf-connecting-ip": "198.51.100.7" };
    const [own, other] = [await withWindow(), await withWindow()];
    // Whoever sets out once may come back as often as they like: the same state, the same cookie, any code.
    const flood = new Window(edge);
    const state = (await flood.setOut(other.path)).searchParams.get("state");
    const come = () => flood.at(`/login/google/callback?state=${state}&code=made-up`, { headers: network, keep: false });
    const statuses = new Set();
    for (let times = 0; times < 60; times += 1) statuses.add((await come()).status);
    assert.deepEqual([...statuses], [400]);
    const window = new Window(edge, own.visitor);
    const back = await window.choose(await window.setOut(own.path));
    for (const page of [await come(), await window.at(back, { headers: network })]) {
      assert.equal(page.status, 429);
      assert.equal(shownBy(page).state, "often");
      assert.match(page.text, /sign in another way, or try again in an hour/);
      assert.match(page.headers["content-security-policy"], /default-src 'none'/);
      assert.ok(Number(page.headers["retry-after"]) > 0);
      assert.deepEqual(page.setCookie, []);
    }
    await assertNobody(own);
    assert.equal(shownBy(await window.at(back)).state, "done", "the window was not over: its conversation was never asked");
    assert.equal((await match(own.visitor, own.card)).status, 200);
    for (const { visitor } of [own, other]) await visitor.leave();
  });

  test("is replaced by the next one that is opened", async () => {
    const chat = await withWindow();
    const second = await openWindow(chat.visitor, chat.card);
    await assertNothing(chat, await new Window(edge, chat.visitor).walk(chat.path));
    await new Window(edge, chat.visitor).walk(second.json().path);
    assert.equal((await match(chat.visitor, chat.card)).status, 200);
    await chat.visitor.leave();
  });

  test("that came back waits on when another is prepared, and is over when another came back", async () => {
    const { visitor, line, card, path } = await withWindow();
    const { code } = shownBy(await new Window(edge).walk(path));
    await step(line, "match");
    const second = await openWindow(visitor, card);
    const newer = shownBy(await new Window(edge).walk(second.json().path, BEN.sub)).code;
    await openWindow(visitor, card);
    assert.notEqual(newer, code);
    assertRefused(await match(visitor, card, code), 422, "code_not_accepted");
    assert.equal((await match(visitor, card, newer)).status, 200);
    await visitor.leave();
  });

  test("cannot be opened where Google is off, not set up, or the card is another's", async () => {
    const mail = await atCard("ag_mail");
    assertRefused(await openWindow(mail.visitor, mail.card), 403, "method_off");
    const nosecret = await atCard("ag_nosecret");
    assertRefused(await openWindow(nosecret.visitor, nosecret.card), 403, "method_off");
    const [one, two] = [await atCard(), await atCard()];
    assertRefused(await openWindow(one.visitor, two.card), 409, "card_gone");
    assertRefused(await openWindow(one.visitor, two.card, { conversation: two.visitor.conversation }), 401, "signed_out");
    assertRefused(await openWindow(one.visitor, one.card, { headers: { cookie: "" } }), 401, "signed_out");
    assertRefused(await openWindow(one.visitor, one.card, { headers: { origin: "https://evil.test" } }), 403, "wrong_origin");
    for (const { visitor } of [mail, nosecret, one, two]) await visitor.leave();
  });

  test("can be opened ten times and then has to wait", async () => {
    const { visitor, card } = await atCard();
    for (let times = 0; times < 10; times += 1) assert.equal((await openWindow(visitor, card)).status, 200);
    const refused = assertRefused(await openWindow(visitor, card), 429, "too_often");
    assert.ok(refused.retry_after_s >= 1);
    await visitor.leave();
  });
});

describe("the code that the window shows", () => {
  test("is tried five times, also all at once, and then the right one does nothing", async () => {
    const { visitor, line, card, path } = await withWindow();
    const { code } = shownBy(await new Window(edge).walk(path));
    const wrong = Array.from({ length: 40 }, (_, i) => String((Number(code) + 1 + i) % 1e6).padStart(6, "0"));
    const answers = await Promise.all(wrong.map((one) => match(visitor, card, one)));
    for (const answer of answers) assertRefused(answer, 422, "code_not_accepted");
    assertRefused(await match(visitor, card, code), 422, "code_not_accepted");
    const { seq } = await step(line, "match");
    await line.until("the card at its address", (frame) => frame.seq > seq && frame.type === "card" && frame.card.step.at === "address");
    const why = (await edge.ledger("ag_google")).filter((one) => one.conversation === visitor.conversation && one.kind === "code_refused").map((one) => one.detail.why);
    assert.equal(why.filter((one) => one === "wrong").length, 5, `${why}`);
    await assertNobody({ visitor, line });
    await visitor.leave();
  });

  test("of any number of right ones at once lets one in", async () => {
    const { visitor, card, path } = await withWindow();
    const { code } = shownBy(await new Window(edge).walk(path));
    const cookie = visitor.cookieHeader;
    const answers = await Promise.all(Array.from({ length: 50 }, () => match(visitor, card, code, { headers: { cookie } })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    await visitor.leave();
  });

  test("is nothing after five minutes", async () => {
    const chat = await withWindow();
    const { code } = shownBy(await new Window(edge).walk(chat.path));
    await edge.later(5 * MINUTE);
    assertRefused(await match(chat.visitor, chat.card, code), 422, "code_not_accepted");
    await assertNobody(chat);
    await chat.visitor.leave();
  });

  test("stands in no log, and is refused as a message", async () => {
    const { visitor, line, path } = await withWindow();
    const { code } = shownBy(await new Window(edge).walk(path));
    await step(line, "match");
    line.send({ type: "message", id: "m_code_in_chat", text: `it says ${code}` });
    const refused = await line.until("a refusal", (frame) => frame.type === "refused");
    assert.equal(refused.error?.code ?? refused.code, "code_in_chat");
    assert.ok(!edge.logs().includes(code));
    assert.ok(!edge.logs().includes(CLIENT.secret));
    await visitor.leave();
  });
});

describe("a start address that somebody else opens (R34)", () => {
  test("in a browser that is signed in at Google brings whoever sent it nothing", async () => {
    const attacker = await withWindow();
    const victim = new Window(edge);
    // Signed in at Google before, from another chat of theirs.
    const own = await withWindow();
    await victim.walk(own.path, ANA.sub);
    const page = await victim.walk(attacker.path, ANA.sub);
    assert.equal(shownBy(page).state, "code", "the window finished by itself what another browser had begun");
    assert.match(page.text, /Give it to nobody/);
    // Asking again and again finishes nothing.
    const asked = await Promise.all(Array.from({ length: 30 }, () => match(attacker.visitor, attacker.card)));
    for (const answer of asked) assertRefused(answer, 422, "code_not_accepted");
    await attacker.visitor.arrive();
    await assertNobody(attacker);
    for (const { visitor } of [attacker, own]) await visitor.leave();
  });

  test("with the cookies of a chat of the victim's own brings nothing either", async () => {
    const [attacker, victim] = [await withWindow(), await withWindow()];
    const page = await new Window(edge, victim.visitor).walk(attacker.path, ANA.sub);
    const { state, code } = shownBy(page);
    assert.equal(state, "code");
    assertRefused(await match(attacker.visitor, attacker.card), 422, "code_not_accepted");
    // The victim's own chat takes no code of another's window.
    assertRefused(await match(victim.visitor, victim.card, code), 422, "code_not_accepted");
    await assertNobody(attacker);
    await assertNobody(victim);
    for (const { visitor } of [attacker, victim]) await visitor.leave();
  });
});

describe("dropped, replayed or swapped (R30)", () => {
  /** What a browser comes back with: the address, and the window whose cookies go along. */
  async function cameBack(id) {
    const chat = await withWindow(id);
    const window = new Window(edge, chat.visitor);
    const back = await window.choose(await window.setOut(chat.path));
    return { ...chat, window, back, name: `__Host-csw_${chat.flow}` };
  }

  const changed = (address, changes) => {
    const url = new URL(address);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url;
  };
  const of = (address, name) => new URL(address).searchParams.get(name);
  let tried = 0;
  const count = () => (tried += 1);

  test("a state that is missing, altered or made up", async () => {
    const chat = await cameBack();
    const state = of(chat.back, "state");
    const [conversation, flow, began, mac] = state.split("~");
    const forged = [
      undefined, "", "x", state.slice(0, -1), `${state}x`, state.toUpperCase(), ` ${state}`,
      [conversation, flow, began].join("~"), [conversation, flow, began, ""].join("~"),
      [conversation, flow, Number(began) + 1, mac].join("~"), [conversation, flow, Number(began) - 1, mac].join("~"),
      [conversation, "A".repeat(22), began, mac].join("~"), [conversation.replace("ag_google", "ag_other"), flow, began, mac].join("~"),
      [conversation.replace("ag_google", "ag_nobody"), flow, began, mac].join("~"), `${conversation}~${flow}~${began}~${"A".repeat(43)}`,
      "null", "undefined", "[]", '{"state":1}', `${state}~${state}`,
    ];
    for (const one of forged) {
      count();
      const page = await chat.window.at(changed(chat.back, { state: one }), { keep: false });
      await assertNothing(chat, page).catch((error) => assert.fail(`${one}: ${error.message}`));
    }
    for (const twice of ["state", "code"]) {
      count();
      await assertNothing(chat, await chat.window.at(`${chat.back.href}&${twice}=x`, { keep: false }));
    }
    // None of that was this window's answer: the right one still is.
    assert.equal((await chat.window.at(chat.back)).status, 200);
    await chat.visitor.leave();
  });

  test("a window cookie that is missing, altered, doubled or another's", async () => {
    const [chat, other] = [await cameBack(), await cameBack()];
    const own = chat.window.own.get(chat.name);
    const rest = [...chat.window.own].filter(([name]) => name !== chat.name).map(([name, value]) => `${name}=${value}`);
    for (const cookie of [
      [], [`${chat.name}=`], [`${chat.name}=${"A".repeat(22)}`], [`${chat.name}=${own.slice(1)}`], [`${chat.name}=${own}x`],
      [`${chat.name}=${own}`, `${chat.name}=${own}`], [`${other.name}=${other.window.own.get(other.name)}`],
      [`${chat.name}=${other.window.own.get(other.name)}`], [`${chat.name.toLowerCase()}x=${own}`],
    ]) {
      count();
      const page = await chat.window.at(chat.back, { headers: { cookie: [...rest, ...cookie].join("; ") }, keep: false });
      await assertNothing(chat, page);
    }
    assert.equal((await chat.window.at(chat.back)).status, 200);
    for (const { visitor } of [chat, other]) await visitor.leave();
  });

  test("a code that is missing, made up, of another window, or used", async () => {
    for (const code of [undefined, "", "made-up", "x".repeat(3000), "ümlaut", "a\nb"]) {
      count();
      const chat = await cameBack();
      await assertNothing(chat, await chat.window.at(changed(chat.back, { code }), { keep: false }));
      // One use, whatever it came to: the right code does not mend it.
      await assertNothing(chat, await chat.window.at(chat.back, { keep: false }));
      await chat.visitor.leave();
    }
    // Another window's code has another verifier and another nonce.
    for (const id of ["ag_google", "ag_other"]) {
      count();
      const [chat, other] = [await cameBack(), await cameBack(id)];
      await assertNothing(chat, await chat.window.at(changed(chat.back, { code: of(other.back, "code") }), { keep: false }));
      for (const { visitor } of [chat, other]) await visitor.leave();
    }
  });

  test("a nonce or a PKCE challenge that is another's, made up or missing", async () => {
    for (const [name, made] of [["nonce", "A".repeat(43)], ["nonce", undefined], ["nonce", ""], ["nonce", "theirs"], ["code_challenge", "A".repeat(43)], ["code_challenge", "theirs"]]) {
      count();
      const [chat, other] = [await withWindow(), await withWindow()];
      const window = new Window(edge, chat.visitor);
      const theirs = of(await new Window(edge).setOut(other.path), name);
      const out = changed(await window.setOut(chat.path), { [name]: made === "theirs" ? theirs : made });
      await assertNothing(chat, await window.at(await window.choose(out)));
      for (const { visitor } of [chat, other]) await visitor.leave();
    }
  });

  test("a whole answer that comes twice, also at once, or late", async () => {
    const chat = await cameBack();
    const pages = await Promise.all(Array.from({ length: 10 }, () => chat.window.at(chat.back, { keep: false })));
    assert.equal(pages.filter(({ status }) => status === 200).length, 1);
    count();
    assert.equal((await match(chat.visitor, chat.card)).status, 200);
    const again = await chat.window.at(chat.back, { keep: false });
    assert.equal(shownBy(again).state, "ended");
    await chat.visitor.leave();

    const late = await cameBack();
    await edge.later(10 * MINUTE + 1);
    count();
    await assertNothing(late, await late.window.at(late.back));
    await late.visitor.leave();
  });

  test("a window of another conversation, browser or agent", async () => {
    for (const id of ["ag_google", "ag_other"]) {
      const [chat, other] = [await cameBack(), await cameBack(id)];
      count();
      // The other's whole answer, with this one's cookies.
      await assertNothing(other, await chat.window.at(other.back, { keep: false }));
      count();
      // Its path with this one's flow: the conversation has no such window.
      const path = other.path.replace(other.flow, chat.flow);
      const window = new Window(edge, other.visitor);
      await assertNothing(other, await window.walk(path));
      count();
      // A result that waits in one chat is no result in another.
      await chat.window.at(chat.back);
      assertRefused(await match(other.visitor, chat.card), 422, "code_not_accepted");
      assertRefused(await match(other.visitor, chat.card, "", { conversation: chat.visitor.conversation }), 401, "signed_out");
      await assertNobody(other);
      for (const { visitor } of [chat, other]) await visitor.leave();
    }
  });

  test("an answer in another provider's name", async () => {
    for (const iss of ["https://accounts.google.com", "https://evil.test", "", `${google.issuer}/`]) {
      count();
      const chat = await cameBack();
      await assertNothing(chat, await chat.window.at(changed(chat.back, { iss })));
      await chat.visitor.leave();
    }
  });

  test("is tried in at least forty ways", () => assert.ok(tried >= 40, `${tried}`));
});

describe("where the window may be sent (R35)", () => {
  test("is one address, whatever else is asked for in fifty spellings", async () => {
    const { visitor, card, path, flow } = await withWindow();
    const targets = [
      "https://evil.test", "//evil.test", "\\\\evil.test", "/\\evil.test", "https:evil.test", "https:/evil.test", "javascript:alert(1)",
      "data:text/html,x", "https://edge.test.evil.test", "https://edge.test@evil.test", "https://evil.test#edge.test", "%2f%2fevil.test",
      "/%09/evil.test", "https://evil.test/login/google/callback", "https://edge.test/../evil", "///evil.test", "https://edge.test:443@evil.test",
    ];
    const names = ["redirect_uri", "return_to", "next", "redirect", "url", "continue", "state", "client_id"];
    let tried = 0;
    const insist = (response, what) => {
      tried += 1;
      const { location } = response.headers;
      if (location === undefined) return;
      const url = new URL(location);
      assert.equal(url.origin, google.issuer, what);
      assert.deepEqual(url.searchParams.getAll("redirect_uri"), [`${edge.origin}/login/google/callback`], what);
      assert.equal(url.searchParams.get("client_id"), CLIENT.id, what);
    };
    for (const target of targets) {
      for (const name of names.slice(0, 3)) {
        insist(await new Window(edge).at(`${path}?${name}=${encodeURIComponent(target)}`), `${name}=${target}`);
      }
      const back = await new Window(edge).at(`/login/google/callback?state=${encodeURIComponent(target)}&code=x`);
      assert.equal(back.headers.location, undefined, target);
      assert.ok(!/<meta[^>]+refresh/i.test(back.text));
      tried += 1;
    }
    for (const name of names) insist(await new Window(edge).at(`${path}?${name}=x&${name}=https://evil.test`), name);
    const odd = await new Window(edge).at(`/login/google/${visitor.conversation}/${flow}%2f..%2f..%2fevil.test`);
    assert.equal(odd.headers.location, undefined);
    assert.ok(tried >= 50, `${tried}`);
    assertRefused(await visitor.send(visitor.under("login/google"), { body: { card, return_to: "https://evil.test" } }), 400, "bad_request");
    await visitor.leave();
  });

  test("is refused by the provider for any other", async () => {
    const { visitor, path } = await withWindow();
    const window = new Window(edge);
    const url = await window.setOut(path);
    for (const uri of [`${edge.origin}/login/google/callback/`, `${edge.origin}/login/google/callback?x=1`, `${edge.origin}/`]) {
      url.searchParams.set("redirect_uri", uri);
      await assert.rejects(window.choose(url), /answered 400/);
    }
    await visitor.leave();
  });
});
