// Looking a visitor up in a collection: three states, a code to what is on record, and nothing told before it is proved (M6,
// R10, R16, R17).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent, agentWithActions } from "../rig/agents.mjs";
import { Visitor, plain } from "../rig/client.mjs";
import { codeNumber, mailNumber } from "../rig/inbox.mjs";
import { STAFF, atCard, doubled, employee, lookUp, lookupAuth, maskedStart, signInAs, staff } from "../rig/lookup.mjs";
import { wrongCodes } from "../rig/race.mjs";
import { assertRefused, essence } from "../rig/refusal.mjs";
import { startStage } from "../rig/stage.mjs";
import { claimsOf } from "../rig/token.mjs";

const MINUTE = 60_000;
const AGENT = { agent: "ag_staff" };
let stage;
let edge;

before(async () => {
  const rows = [
    employee("E-1001", { email: "Ana@Example.com", name: "Ana Díaz" }),
    employee("E-1002"), employee("E-1003"), employee("E-1004"), employee("E-1005"), employee("E-1006"), employee("E-1007"),
    employee("E-1008", { access_roles: ["other"] }),
    employee("E-2001", { email: "" }), employee("E-2002", { email: "not an address" }), employee("E-3001"),
    employee("E-1010"), employee("E-1011"), employee("E-1012"), employee("E-1013"),
    employee("E-4001", { phone: "+14155552671" }),
    employee("E-4002", { phone: "+447400123456" }), employee("E-4003", { phone: "+19005552671" }),
  ];
  stage = await startStage({
    agents: (api, model) => [
      agent("ag_staff", { auth: lookupAuth() }),
      agent("ag_open", { auth: lookupAuth({ require_code: false }) }),
      agent("ag_both", { auth: lookupAuth({}, { methods: ["email_code", "collection_lookup"] }) }),
      agent("ag_calls", { auth: lookupAuth({}, { phone: { countries: ["US"], channels: ["sms"], day_messages: 500 } }) }),
      agent("ag_off", { auth: { methods: ["email_code"], lookup: lookupAuth().lookup } }),
      agentWithActions(api, "ag_acts", {
        model,
        auth: lookupAuth({}, { methods: ["collection_lookup"] }),
        changed: { find_shop: { kind: { is: "private", roles: ["view_own_payroll"], assurance: "email_code" } } },
      }),
      withTwoStrengths(agentWithActions(api, "ag_weak", { model, auth: lookupAuth({ require_code: false }) })),
    ],
    collections: staff(rows),
  });
  edge = stage.edge;
  await edge.sql(doubled("ag_staff", "E-3001"));
});
after(() => stage?.stop());

/** `find_shop` for whoever was looked up, and the same again for whoever proved it by a code. */
function withTwoStrengths(one) {
  const shop = one.actions.find(({ name }) => name === "find_shop");
  const weak = { ...shop, kind: { is: "private", roles: ["view_own_payroll"], assurance: "looked_up" } };
  return { ...one, actions: [weak, { ...weak, name: "find_shop_again", kind: { ...weak.kind, assurance: "email_code" } }] };
}

/** The states that a line was told, in order. */
const statesOf = (line) => line.numbered.filter(({ type }) => type === "state").map(({ state }) => state);

describe("a look-up with a code", () => {
  test("has the three states: unidentified, pending once the number was given, authenticated", async () => {
    const { visitor, line, card } = await atCard(edge, AGENT);
    assert.equal((await visitor.arrive()).state, "unidentified");
    assert.deepEqual(statesOf(line).filter((state) => state !== "unidentified"), []);
    const started = await lookUp(visitor, card, "E-1001");
    assert.equal(started.status, 200, started.text);
    await line.until("the state", (frame) => frame.type === "state" && frame.state === "pending");
    assert.equal((await visitor.arrive()).state, "pending");
    const verified = await visitor.verify(card, await codeNumber(edge, "ana@example.com"));
    assert.equal(verified.status, 200, verified.text);
    const visited = await visitor.arrive();
    assert.equal(visited.state, "authenticated");
    assert.equal(visited.label, "Ana Díaz");
    assert.deepEqual(claimsOf(visitor.token).amr, ["kba"]);
    // The address on record was proved, so what is kept under it is the person's.
    const after = await visitor.connect();
    const answer = await after.until("the answer", (frame) => frame.type === "answer");
    assert.match(plain(answer.blocks), /NW-100[123]/);
    await visitor.leave();
  });

  test("shows what was typed and nothing of the record", async () => {
    const { visitor, line, card } = await atCard(edge, AGENT);
    const started = await lookUp(visitor, card, "  e‑1002\n");
    const { step, lookup } = started.json().card;
    assert.deepEqual([step.at, step.address, step.channel, step.delivery], ["code", "e-1002", "on_record", "sent"]);
    assert.equal(lookup.label, "Employee number");
    await codeNumber(edge, "e-1002@staff.example");
    await line.ping();
    const seen = JSON.stringify(line.frames) + started.text;
    for (const secret of ["staff.example", "•", "Employee E-1002", "view_own_payroll"]) assert.ok(!seen.includes(secret), `${secret} was shown`);
    const cards = line.frames.filter((frame) => frame.type === "card" && frame.card.step.at === "code");
    assert.equal(cards.length, 1, "the card changed after the start");
    await visitor.leave();
  });

  test("answers a hit, a miss, a record without an address and one that two have alike, to the byte", async () => {
    const shapes = [];
    for (const typed of ["E-1003", "E-9999", "E-2001", "E-2002", "E-3001", "' OR 1=1 --", "员工一〇〇三"]) {
      const { visitor, line, card } = await atCard(edge, AGENT);
      const started = await lookUp(visitor, card, typed);
      assert.equal(started.status, 200, typed);
      const wrong = await visitor.verify(card, "000000");
      await line.ping();
      const frames = line.frames.filter((frame) => frame.type !== "delta").map((frame) => `${frame.type} ${frame.state ?? frame.card?.step.at ?? ""}`);
      const headers = Object.keys(started.headers).sort();
      shapes.push([typed, JSON.stringify({ text: maskedStart(started), headers, wrong: essence(wrong), frames })]);
      await visitor.leave();
    }
    for (const [typed, shape] of shapes) assert.equal(shape, shapes[0][1], typed);
    assert.equal((await edge.mailbox.to("second@staff.example")).length, 0, "a value of two was taken for one's");
  });

  test("of a miss proves nobody whatever is typed, and says what any wrong code says", async () => {
    const { visitor, card } = await atCard(edge, AGENT);
    await lookUp(visitor, card, "E-9998");
    const answers = [];
    for (const code of ["000000", "123456", "999999", "", "111111", "222222"]) answers.push(await visitor.verify(card, code));
    for (const answer of answers) assertRefused(answer, 422, "code_not_accepted");
    assert.equal(new Set(answers.map(essence)).size, 1);
    assert.equal((await visitor.arrive()).state, "pending");
    await visitor.leave();
  });

  test("takes five guesses and no more, and the right one is refused after them", async () => {
    const { visitor, card } = await atCard(edge, AGENT);
    await lookUp(visitor, card, "E-1004");
    const right = await codeNumber(edge, "e-1004@staff.example");
    for (const wrong of wrongCodes(right, 5)) assertRefused(await visitor.verify(card, wrong), 422, "code_not_accepted");
    assertRefused(await visitor.verify(card, right), 422, "code_not_accepted");
    await visitor.leave();
  });

  test("of one number is no proof of another: its code dies when the number is corrected", async () => {
    const { visitor, card } = await atCard(edge, AGENT);
    await lookUp(visitor, card, "E-1005");
    const old = await codeNumber(edge, "e-1005@staff.example");
    await edge.later(61_000);
    assert.equal((await lookUp(visitor, card, "E-1006")).status, 200);
    const right = await codeNumber(edge, "e-1006@staff.example");
    if (old !== right) assertRefused(await visitor.verify(card, old), 422, "code_not_accepted");
    assert.equal((await visitor.verify(card, right)).status, 200);
    assert.equal((await visitor.arrive()).label, "Employee E-1006");
    await visitor.leave();
  });

  test("is one person however the number is written", async () => {
    const first = await signInAs(edge, "E-1007", "e-1007@staff.example", AGENT);
    await edge.later(61_000);
    const second = await signInAs(edge, " ｅ－１００７ ", "e-1007@staff.example", AGENT);
    assert.equal(claimsOf(first.visitor.token).sub, claimsOf(second.visitor.token).sub);
    for (const { visitor } of [first, second]) await visitor.leave();
  });

  test("sends no second code within a minute, whoever asks, hit or miss", async () => {
    for (const typed of ["E-1010", "E-9990"]) {
      const one = await atCard(edge, AGENT);
      const two = await atCard(edge, AGENT);
      assert.equal((await lookUp(one.visitor, one.card, typed)).status, 200);
      assertRefused(await lookUp(two.visitor, two.card, typed.toLowerCase()), 429, "too_often");
      for (const { visitor } of [one, two]) await visitor.leave();
    }
  });

  test("goes to the phone on record where a visitor could have typed that number, else to the address", async () => {
    for (const [typed, phone, isServed] of [["E-4001", "+14155552671", true], ["E-4002", "+447400123456", false], ["E-4003", "+19005552671", false]]) {
      const { visitor, card } = await atCard(edge, { agent: "ag_calls" });
      const email = `${typed.toLowerCase()}@staff.example`;
      assert.equal((await lookUp(visitor, card, typed)).status, 200);
      await mailNumber(edge, isServed ? phone : email);
      assert.deepEqual(await edge.mailbox.to(isServed ? email : phone), [], typed);
      await visitor.leave();
    }
  });

  test("on a card with an email code beside it leaves that way open", async () => {
    const { visitor, card } = await atCard(edge, { agent: "ag_both" });
    const started = await visitor.start(card, "both@example.com");
    assert.equal(started.status, 200);
    assert.equal(started.json().card.step.delivery, "sending");
    assert.equal((await visitor.verify(card, await codeNumber(edge, "both@example.com"))).status, 200);
    await visitor.leave();
  });

  test("tells nobody whose address is on record: a code asked for there right afterwards is sent as to any other", async () => {
    const looking = await atCard(edge, { agent: "ag_both" });
    assert.equal((await lookUp(looking.visitor, looking.card, "E-1013")).status, 200);
    await mailNumber(edge, "e-1013@staff.example");
    const answers = [];
    for (const address of ["e-1013@staff.example", "nobody-on-record@staff.example"]) {
      const { visitor, card } = await atCard(edge, { agent: "ag_both" });
      answers.push(await visitor.start(card, address));
      await visitor.leave();
    }
    assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
    await looking.visitor.leave();
  });

  test("is refused where the settings do not allow it", async () => {
    const { visitor, card } = await atCard(edge, { agent: "ag_off" });
    assertRefused(await lookUp(visitor, card, "E-1001"), 403, "method_off");
    await visitor.leave();
  });
});

describe("what a record gives", () => {
  test("is the person's roles: an action of theirs is carried out, another's is not", async () => {
    for (const [number, may] of [["E-1011", true], ["E-1008", false]]) {
      const { visitor, line, id } = await stage.atCard({ agent: "ag_acts" });
      assert.equal((await lookUp(visitor, id, number)).status, 200);
      const verified = await visitor.verify(id, await codeNumber(edge, `${number.toLowerCase()}@staff.example`));
      assert.equal(verified.status, 200, verified.text);
      await line.closed;
      await visitor.arrive();
      const after = await visitor.connect();
      await stage.settled(after);
      const [told] = await stage.does(after, ["find_shop", { city: "Boulder" }]);
      assert.equal(told.status === "done", may, JSON.stringify(told));
      await visitor.leave();
    }
  });

  test("is taken away with the role on the record", async () => {
    const { visitor, line, id } = await stage.atCard({ agent: "ag_acts" });
    await lookUp(visitor, id, "E-1012");
    await visitor.verify(id, await codeNumber(edge, "e-1012@staff.example"));
    await line.closed;
    await visitor.arrive();
    const after = await visitor.connect();
    await stage.settled(after);
    const shop = ["find_shop", { city: "Boulder" }];
    assert.equal((await stage.does(after, shop))[0].status, "done");
    await edge.sql([["UPDATE record SET data = ? WHERE agent = ? AND collection = ? AND id = ?", JSON.stringify(employee("E-1012", { access_roles: [] })), "ag_acts", STAFF, "E-1012"]]);
    assert.notEqual((await stage.does(after, shop))[0].status, "done");
    await visitor.leave();
  });
});

describe("a look-up without a code", () => {
  test("signs in at once, as somebody who was looked up and whose address nobody proved", async () => {
    const mails = (await edge.mailbox.to("ana@example.com")).length;
    const { visitor, line, card } = await atCard(edge, { agent: "ag_open" });
    const started = await lookUp(visitor, card, "E-1001");
    assert.equal(started.status, 200, started.text);
    assert.equal(started.json().card.step.at, "done");
    assert.ok(started.setCookie.some((one) => one.startsWith("__Host-cs_ag_open=")));
    await line.closed;
    const visited = await visitor.arrive();
    assert.deepEqual([visited.state, visited.label], ["authenticated", "Ana Díaz"]);
    const after = await visitor.connect();
    const answer = await after.until("the answer", (frame) => frame.type === "answer");
    assert.doesNotMatch(plain(answer.blocks), /NW-100[123]/, "what is kept under the address on record was shown");
    assert.equal((await edge.mailbox.to("ana@example.com")).length, mails);
    await visitor.leave();
  });

  test("refuses a miss, and may be tried five times in 15 minutes", async () => {
    const { visitor, card } = await atCard(edge, { agent: "ag_open" });
    for (let time = 0; time < 5; time += 1) assertRefused(await lookUp(visitor, card, `E-777${time}`), 422, "login_refused");
    assertRefused(await lookUp(visitor, card, "E-1002"), 429, "too_often");
    await edge.later(15 * MINUTE + 1000);
    assert.equal((await lookUp(visitor, card, "E-1002")).status, 200);
    await visitor.leave();
  });

  test("is enough for an action that says so, and not for one that wants a code", async () => {
    const { visitor, line, id } = await stage.atCard({ agent: "ag_weak" });
    assert.equal((await lookUp(visitor, id, "E-1001")).status, 200);
    await line.closed;
    await visitor.arrive();
    const after = await visitor.connect();
    await stage.settled(after);
    const [weak] = await stage.does(after, ["find_shop", { city: "Boulder" }]);
    const [strong] = await stage.does(after, ["find_shop_again", { city: "Boulder" }]);
    assert.equal(weak.status, "done", JSON.stringify(weak));
    assert.match(strong.error, /cannot prove here/);
    await visitor.leave();
  });
});

describe("limits", () => {
  test("of one conversation: five in 15 minutes that proved nobody, hits and misses alike", async () => {
    for (const typed of [(n) => `E-888${n}`, (n) => ["E-1002", "E-1003", "E-1004", "E-1005", "E-1006", "E-1007"][n]]) {
      const { visitor, card } = await atCard(edge, AGENT);
      await edge.later(16 * MINUTE);
      const statuses = [];
      for (let n = 0; n < 6; n += 1) {
        statuses.push((await lookUp(visitor, card, typed(n))).status);
        await edge.later(61_000);
      }
      assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
      await visitor.leave();
    }
  });

  test("of one network: twenty in an hour, whatever headers it writes", async () => {
    const statuses = [];
    for (let n = 0; n < 22; n += 1) {
      const { visitor, card } = await atCard(edge, { ...AGENT, address: "203.0.113.77" });
      statuses.push((await lookUp(visitor, card, `N-${n}`, { headers: { "x-forwarded-for": `198.51.100.${n}`, "x-real-ip": `198.51.100.${n}` } })).status);
      await visitor.leave();
    }
    assert.deepEqual(statuses, [...Array(20).fill(200), 429, 429]);
  });
});

describe("bad input", () => {
  test("is refused or a miss, and never an error", async () => {
    const odd = [
      "' OR '1'='1", "\"; DROP TABLE record; --", "%", "_", "*", "E-100%", "E-1001' --", "{\"$ne\":null}", "../../E-1001", "<script>alert(1)</script>",
      "E-1001\u0000", "E-1001\r\nBcc: x@y.example", "Е-1001", "社員番号１００１", "رقم-1001", "😀", "NULL", "undefined", "0", "-1", "1e3", "${7*7}", "{{secret.x}}",
    ];
    for (const typed of odd) {
      const { visitor, card } = await atCard(edge, AGENT);
      const answer = await lookUp(visitor, card, typed);
      assert.ok([200, 400].includes(answer.status), `${typed}: ${answer.status} ${answer.text}`);
      if (answer.status === 200) assertRefused(await visitor.verify(card, "000000"), 422, "code_not_accepted");
      await visitor.leave();
    }
    const visitor = new Visitor(edge, AGENT);
    const line = await visitor.connect();
    const card = await visitor.askForCard(line);
    for (const typed of ["", "   ", "\u200b", "1".repeat(101), "9".repeat(20_000), "ﷺ".repeat(300)]) {
      assertRefused(await lookUp(visitor, card, typed), 400, "bad_address");
    }
    for (const typed of [["E-1001"], ["E-1001", "E-1002"], { is: "E-1001" }, null, 1001, true]) {
      assertRefused(await lookUp(visitor, card, typed), 400, "bad_request");
    }
    assertRefused(await visitor.send(visitor.under("login/start"), { body: { card, method: "collection_lookup", address: "E-1001", collection: "orders" } }), 400, "bad_request");
    assertRefused(await lookUp(visitor, "AAAAAAAAAAAAAAAAAAAAAA", "E-1001"), 409, "card_gone");
    await visitor.leave();
  });
});
