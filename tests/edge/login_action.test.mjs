// Signing in with the company's own log-in: the form on the card, what the API is sent, what its answer proves, how often
// it may be tried (M5, A2, A3, A9, R18, R52, R53, R54).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { agentWithActions } from "../rig/agents.mjs";
import { plain } from "../rig/client.mjs";
import { accepted, refused, tryLoginAnswers } from "../rig/login_answers.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { startStage, typed } from "../rig/stage.mjs";
import { claimsOf } from "../rig/token.mjs";
import { until } from "../rig/wait.mjs";

const MINUTE = 60_000;
let stage;
let company;
let edge;

before(async () => {
  stage = await startStage({
    agents: (api, model) => [
      agentWithActions(api, "ag_forgetful", { model, auth: { persistent_context: false } }),
      agentWithActions(api, "ag_silent", { model, changed: { sign_in: { failure: "" } } }),
      agentWithActions(api, "ag_mailonly", { model, auth: { methods: ["email_code"] } }),
      agentWithActions(api, "ag_rehearsal"),
    ],
  });
  ({ company, edge } = stage);
});
after(() => stage?.stop());
afterEach(() => stage.clear());

const atCard = (options) => stage.atCard(options);

describe("the form", () => {
  test("is drawn from the action's parameters, one for each login that one can begin with", async () => {
    const { visitor, card } = await atCard();
    assert.deepEqual(card.methods, ["email_code", "login_action"]);
    assert.deepEqual(card.forms, [
      {
        action: "sign_in",
        title: "Sign in with your Northwind account",
        fields: [
          { name: "user_name", label: "User name", kind: "text", autocomplete: "username" },
          { name: "password", label: "Password", kind: "password", autocomplete: "current-password" },
        ],
      },
      { action: "sign_in_by_phone", title: "Sign in with your phone number", fields: [{ name: "phone", label: "Phone number", kind: "tel", autocomplete: "tel" }] },
    ]);
    assert.doesNotMatch(JSON.stringify(card), /http|status_code|response/);
    await visitor.leave();
  });

  for (const agent of ["ag_forgetful", "ag_mailonly"]) {
    test(`is not there, and cannot be sent, where it is off (${agent})`, async () => {
      const { visitor, id, card } = await atCard({ agent });
      assert.deepEqual(card.methods, ["email_code"]);
      assert.equal(card.forms, undefined);
      assertRefused(await visitor.submit(id, "sign_in", typed(company.enrol())), 403, "method_off");
      assert.equal(company.requests.length, 0);
      await visitor.leave();
    });
  }
});

describe("the right password", () => {
  test("signs in: cookie, state, and the blocked question goes on", async () => {
    const who = company.enrol({ email: "ana@example.com", name: "Ana" });
    const { visitor, id } = await atCard();
    const { line, old, submitted, visited } = await visitor.signInAt("sign_in", typed(who), { card: id });
    assert.equal(submitted.json().card.step.at, "done");
    assert.equal(visited.state, "authenticated");
    assert.notEqual(claimsOf(visitor.token).sid, claimsOf(old).sid);
    assert.doesNotMatch(JSON.stringify(claimsOf(visitor.token)), new RegExp(`${who.email}|${who.user_name}|${who.user_id}\\b`));
    const frames = line.numbered.map((frame) => (frame.type === "card" ? `card ${frame.card.step.at}` : frame.type === "state" ? `state ${frame.state}` : frame.type));
    assert.ok(frames.includes("card done") && frames.includes("state authenticated"), `${frames}`);
    await line.until("the answer", (frame) => frame.type === "answer");
    await visitor.leave();
  });

  test("is sent unchanged, once, and to the API alone", async () => {
    const password = `  "quotes" \\ <password> {{context.token}} ünï ${"x".repeat(80)}  `;
    const who = company.enrol({ password });
    const { visitor, line, id } = await atCard();
    await visitor.signInAt("sign_in", typed(who), { card: id });
    const [request, ...others] = company.asked("/login");
    assert.equal(others.length, 0);
    assert.deepEqual(request.json, { user_name: who.user_name, password });
    assert.equal(request.path, "/login");
    for (const secret of ["quotes", "x".repeat(40)]) {
      assert.ok(!JSON.stringify(line.frames).includes(secret));
      assert.ok(!edge.logs().includes(secret));
    }
    await visitor.leave();
  });

  test("makes the cookie from before worthless, and closes every socket of it", async () => {
    const { visitor, line, id } = await atCard();
    const thief = visitor.sibling();
    const theirs = await thief.connect();
    await visitor.signInAt("sign_in", typed(company.enrol()), { card: id });
    assert.equal((await line.closed).code, 4001);
    assert.equal((await theirs.closed).code, 4001);
    assertRefused(await thief.remembered(), 401, "signed_out");
    await assert.rejects(() => thief.socket(), { status: 401 });
    await visitor.leave();
  });

  test("sent twenty times at once signs in once", async () => {
    const { visitor, id } = await atCard();
    const cookie = visitor.cookieHeader;
    const values = typed(company.enrol());
    const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.submit(id, "sign_in", values, { headers: { cookie } })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, `${answers.map(({ status }) => status)}`);
    await visitor.leave();
  });

  test("brings the same person back to the same conversation on another device", async () => {
    const who = company.enrol();
    const first = await atCard();
    await first.visitor.signInAt("sign_in", typed(who), { card: first.id });
    const second = await atCard();
    await second.visitor.signInAt("sign_in", typed(who), { card: second.id });
    assert.equal(second.visitor.conversation, first.visitor.conversation);
    const other = await atCard();
    await other.visitor.signInAt("sign_in", typed(company.enrol()), { card: other.id });
    assert.notEqual(other.visitor.conversation, first.visitor.conversation);
    for (const { visitor } of [first, second, other]) await visitor.leave();
  });

  test("lets the model know the fields that are marked visible, and no token", async () => {
    const who = company.enrol({ name: "Robin Reed" });
    const visitor = stage.visitor({ agent: "ag_rehearsal" });
    const { line } = await visitor.signInAt("sign_in", typed(who));
    await stage.settled(line);
    const end = await line.ask("What is my name?");
    assert.match(plain(end.blocks), /Robin Reed/);
    await visitor.leave();
  });
});

describe("a wrong password", () => {
  test("is answered with the API's own words, and may be tried again", async () => {
    const who = company.enrol();
    const { visitor, line, id } = await atCard();
    const before = visitor.token;
    const answer = await visitor.submit(id, "sign_in", { ...typed(who), password: "wrong" });
    assert.equal(assertRefused(answer, 422, "login_refused").message, "That user name or password is not right.");
    assert.equal(visitor.token, before);
    await line.ping();
    assert.equal(line.numbered.findLast((frame) => frame.type === "state").state, "pending");
    assert.equal((await visitor.submit(id, "sign_in", typed(who))).status, 200);
    await visitor.leave();
  });

  test("is answered with no words of the API's where the site owner shows none", async () => {
    const { visitor, id } = await atCard({ agent: "ag_silent" });
    const answer = await visitor.submit(id, "sign_in", { user_name: "ben", password: "wrong" });
    assert.equal(answer.status, 422);
    assert.equal(answer.json().code, "login_refused");
    assert.doesNotMatch(answer.text, /user name or password/);
    await visitor.leave();
  });

  test("is answered in text, bounded, and without what was typed", async () => {
    const { visitor, id } = await atCard();
    company.next((request) => ({ status: 401, body: { success: false, message: `<b>No</b> ${request.json.password}\u0000\n${"x".repeat(9_000)}` } }));
    const answer = await visitor.submit(id, "sign_in", { user_name: "somebody", password: "Herons 4 ever" });
    const { message } = answer.json();
    assert.equal(answer.status, 422);
    assert.ok(message.startsWith("<b>No</b>") && message.length <= 1_000, message.slice(0, 80));
    assert.ok(!message.includes("Herons 4 ever") && !message.includes("\u0000"));
    assert.match(answer.headers["content-type"], /^application\/json/);
    await visitor.leave();
  });
});

describe("what may be sent", () => {
  test("is the fields of the form and nothing else", async () => {
    const { visitor, id } = await atCard();
    const good = { user_name: "ben", password: "ben-demo-2026" };
    for (const values of [
      {}, { user_name: "ben" }, { password: "x" }, { ...good, role: "staff" }, { ...good, user_id: "c1" }, { ...good, user_name: "" }, { ...good, user_name: "x".repeat(5_000) },
      { ...good, password: ["ben-demo-2026"] }, { ...good, password: null }, { ...good, user_name: { is: "ben" } }, { ...good, user_name: 7 }, [], null, "ben",
    ]) {
      const answer = await visitor.submit(id, "sign_in", values);
      assert.ok([400, 422].includes(answer.status), `${JSON.stringify(values)?.slice(0, 60)}: ${answer.status}`);
    }
    for (const body of [{ card: id, action: "sign_in" }, { action: "sign_in", values: good }, { card: id, action: "sign_in", values: good, url: "http://127.0.0.1:1/" }, { card: id, action: ["sign_in"], values: good }]) {
      assertRefused(await visitor.send(visitor.under("login/action"), { body }), 400, "bad_request");
    }
    assert.equal(company.requests.length, 0);
    await visitor.leave();
  });

  test("goes to login actions that one can begin with, and to no other action", async () => {
    const { visitor, id } = await atCard();
    for (const [action, values] of [
      ["refresh_token", {}], ["find_shop", { city: "Boulder" }], ["track_order", { order_number: "NW-1044" }], ["check_stock", { item: "Basecamp 2 tent" }],
      ["enter_phone_code", { code: "123456" }], ["request_login", {}], ["", {}], ["sign_in ", { user_name: "ben", password: "ben-demo-2026" }], ["x".repeat(200), {}], ["../login", {}],
    ]) {
      const answer = await visitor.submit(id, action, values);
      assert.ok(answer.status >= 400 && answer.status < 500, `${action}: ${answer.status}`);
    }
    assert.equal(company.requests.length, 0);
    await visitor.leave();
  });

  test("is taken from the browser of the card alone", async () => {
    const { visitor, id } = await atCard();
    const values = { user_name: "ben", password: "ben-demo-2026" };
    const stranger = stage.visitor();
    await stranger.arrive();
    assertRefused(await stranger.submit(id, "sign_in", values, { conversation: visitor.conversation }), 401, "signed_out");
    assertRefused(await stranger.submit(id, "sign_in", values), 409, "card_gone");
    assertRefused(await visitor.submit(id, "sign_in", values, { headers: { cookie: undefined } }), 401, "signed_out");
    assertRefused(await visitor.submit(id, "sign_in", values, { headers: { "x-countersign": undefined } }), 403, "wrong_origin");
    assertRefused(await visitor.submit(id, "sign_in", values, { headers: { origin: "https://evil.test" } }), 403, "wrong_origin");
    assertRefused(await visitor.submit("A".repeat(22), "sign_in", values), 409, "card_gone");
    assert.equal((await visitor.cancel(id)).status, 204);
    assertRefused(await visitor.submit(id, "sign_in", values), 409, "card_gone");
    assert.equal(company.requests.length, 0);
    await visitor.leave();
  });
});

describe("how often it may be tried (R18)", () => {
  const wrong = (user_name) => ({ user_name, password: "wrong" });

  test("five wrong passwords for one user name in fifteen minutes, whoever tries", async () => {
    const who = company.enrol();
    const statuses = [];
    for (let n = 0; n < 8; n += 1) {
      const { visitor, id } = await atCard();
      const answer = await visitor.submit(id, "sign_in", wrong(who.user_name));
      if (answer.status === 429) assert.ok(assertRefused(answer, 429, "too_often").retry_after_s > 0);
      statuses.push(answer.status);
      await visitor.leave();
    }
    assert.deepEqual(statuses, [422, 422, 422, 422, 422, 429, 429, 429]);
    assert.equal(company.asked("/login").length, 5);
    // Not the right one either: else a guesser would see which it was.
    const { visitor, id } = await atCard();
    assertRefused(await visitor.submit(id, "sign_in", typed(who)), 429, "too_often");
    const other = await atCard();
    assert.equal((await other.visitor.submit(other.id, "sign_in", typed(company.enrol()))).status, 200, "another user name is stopped too");
    await edge.later(16 * MINUTE);
    company.later(16 * MINUTE);
    assert.equal((await visitor.submit(id, "sign_in", typed(who))).status, 200);
    for (const one of [visitor, other.visitor]) await one.leave();
  });

  test("a user name in other letters is the same user name", async () => {
    const { user_name } = company.enrol();
    const spelled = [user_name, user_name.toUpperCase(), ` ${user_name}`, `${user_name} `, `${user_name[0].toUpperCase()}${user_name.slice(1)}`, user_name, user_name.toUpperCase(), `${user_name[0]} ${user_name.slice(1)}`, `${user_name[0]}\u0301${user_name.slice(1)}`];
    for (const one of spelled) {
      const { visitor, id } = await atCard();
      await visitor.submit(id, "sign_in", wrong(one));
      await visitor.leave();
    }
    assert.equal(company.asked("/login").length, 5);
  });

  test("fifty wrong passwords at the same moment: five reach the API", async () => {
    const { user_name } = company.enrol();
    const { visitor, id } = await atCard();
    const answers = await Promise.all(Array.from({ length: 50 }, () => visitor.submit(id, "sign_in", wrong(user_name))));
    assert.ok(company.asked("/login").length <= 5, `${company.asked("/login").length} reached the API`);
    assert.ok(answers.every(({ status }) => [422, 429].includes(status)));
    await visitor.leave();
  });

  test("five codes to one phone in fifteen minutes, however it is written and whatever came of the first step", async () => {
    const { phone } = company.enrol();
    const spelled = [phone, phone.replace("+", "00"), phone.replace(/(\d\d)/g, "$1 ").trim(), phone.slice(1), phone, phone.slice(1), phone.replace("+", "00")];
    const statuses = [];
    for (const one of spelled) {
      const { visitor, id } = await atCard();
      statuses.push((await visitor.submit(id, "sign_in_by_phone", { phone: one })).status);
      await visitor.leave();
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
    assert.equal(company.asked("/login/phone").length, 5);
  });

  test("and a login in two steps that signs in is given back, each step", async () => {
    const who = company.enrol();
    for (let n = 0; n < 6; n += 1) {
      const { visitor, id } = await atCard();
      assert.equal((await visitor.submit(id, "sign_in_by_phone", { phone: who.phone })).status, 200, `round ${n}`);
      const { code } = [...company.accounts.phoneCodes.values()].findLast(({ phone }) => phone === who.phone);
      assert.equal((await visitor.submit(id, "enter_phone_code", { code })).status, 200, `round ${n}`);
      await visitor.leave();
    }
  });

  test("twenty wrong passwords from one network in an hour, whatever the user names", async () => {
    for (let n = 0; n < 24; n += 1) {
      const { visitor, id } = await atCard({ address: "203.0.113.77" });
      const { status } = await visitor.submit(id, "sign_in", wrong(`network${n}`));
      assert.equal(status, n < 20 ? 422 : 429);
      await visitor.leave();
    }
    assert.equal(company.asked("/login").length, 20);
  });

  test("right passwords are not counted", async () => {
    const who = company.enrol();
    for (let n = 0; n < 8; n += 1) {
      const { visitor, id } = await atCard();
      assert.equal((await visitor.submit(id, "sign_in", typed(who))).status, 200);
      await visitor.leave();
    }
  });
});

describe("a login in two steps", () => {
  const codeOf = (who) => [...company.accounts.phoneCodes.values()].findLast(({ phone }) => phone === who.phone)?.code;

  async function atCode() {
    const who = company.enrol();
    const one = await atCard();
    const answer = await one.visitor.submit(one.id, "sign_in_by_phone", { phone: who.phone });
    assert.equal(answer.status, 200, answer.text);
    return { ...one, who, answer };
  }

  test("shows the next form, and its right code signs in", async () => {
    const { visitor, line, id, who, answer } = await atCode();
    const { card } = answer.json();
    assert.equal(card.id, id);
    assert.deepEqual(card.step, {
      at: "form",
      form: { action: "enter_phone_code", title: "Enter the code that we sent to your phone", fields: [{ name: "code", label: "Code", kind: "text", autocomplete: "one-time-code" }] },
    });
    await line.until("the card at its next form", (frame) => frame.type === "card" && frame.card.step.at === "form");
    await line.ping();
    assert.doesNotMatch(JSON.stringify([line.frames, card]), /pr_/, "what the first step gave is in the browser");
    assert.ok(!edge.logs().includes("pr_"));
    assertRefused(await visitor.submit(id, "enter_phone_code", { code: "000000" }), 422, "login_refused");
    const done = await visitor.submit(id, "enter_phone_code", { code: codeOf(who) });
    assert.equal(done.status, 200, done.text);
    assert.equal(done.json().card.step.at, "done");
    await line.closed;
    assert.equal((await visitor.arrive()).state, "authenticated");
    await visitor.leave();
  });

  test("proves nobody by its first step", async () => {
    const before = company.accounts.passed;
    const { visitor, line } = await atCode();
    await line.ping();
    assert.equal((await visitor.visit()).json().state, "pending");
    assert.equal(company.accounts.passed, before);
    await visitor.leave();
  });

  test("needs its first step on the same card", async () => {
    const first = await atCode();
    const other = await atCard();
    const answer = await other.visitor.submit(other.id, "enter_phone_code", { code: codeOf(first.who) });
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
    assert.equal(company.asked("/login/phone/verify").length, 0);
    for (const { visitor } of [first, other]) await visitor.leave();
  });

  test("goes on after a reload", async () => {
    const { visitor, line, id, who } = await atCode();
    await line.close();
    const again = await visitor.connect();
    await again.until("the card at its next form", (frame) => frame.type === "card" && frame.card.step.at === "form");
    assert.equal((await visitor.submit(id, "enter_phone_code", { code: codeOf(who) })).status, 200);
    await visitor.leave();
  });

  test("that was begun twice at once goes on with one of the two", async () => {
    const { visitor, id } = await atCard();
    const [first, second] = [company.enrol(), company.enrol()];
    company.next({ hold: "after" }, { when: ({ path }) => path === "/login/phone" });
    const held = visitor.submit(id, "sign_in_by_phone", { phone: first.phone });
    await until("the first to be asked", () => company.asked("/login/phone").length === 1);
    assert.equal((await visitor.submit(id, "sign_in_by_phone", { phone: second.phone })).status, 200);
    company.release();
    assertRefused(await held, 409, "card_gone");
    assert.equal((await visitor.submit(id, "enter_phone_code", { code: codeOf(second) })).status, 200);
    await visitor.leave();
  });

  test("may be begun again with another number", async () => {
    const { visitor, id } = await atCode();
    const right = company.enrol();
    assert.equal((await visitor.submit(id, "sign_in_by_phone", { phone: right.phone })).status, 200);
    assert.equal((await visitor.submit(id, "enter_phone_code", { code: codeOf(right) })).status, 200);
    await visitor.leave();
  });
});

describe("an answer of the API (R52)", () => {
  test("that proves nobody signs nobody in, and one that is right does", { timeout: 300_000 }, async () => {
    assert.ok(refused(company).length >= 80 && accepted().length >= 8);
    const { open, wrongly } = await tryLoginAnswers();
    assert.deepEqual(open, []);
    assert.deepEqual(wrongly, []);
  });
});
