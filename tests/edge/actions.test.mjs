// Actions on the company's own API: who may cause one, with which values, and what of the answer the model sees (A4–A8,
// R46, R47, R50, R51).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { agentWithActions } from "../rig/agents.mjs";
import { startProcess } from "../rig/process.mjs";
import { startStage, typed } from "../rig/stage.mjs";

const ADDRESS = "9 Lake Street, Boulder, CO 80301";
let stage;
let company;
let puppet;
let edge;

before(async () => {
  // Not through wrangler's harness: what the edge asks for goes through Node there, which follows redirects by itself.
  stage = await startStage({
    start: startProcess,
    agents: (api, model) => [
      agentWithActions(api, "ag_quick", { model, changed: { find_shop: { timeout_ms: 300 } } }),
      agentWithActions(api, "ag_asks", { model, changed: { find_shop: { kind: { is: "public", confirm: true } } } }),
    ],
  });
  ({ company, puppet, edge } = stage);
});
after(() => stage?.stop());
afterEach(() => stage.clear());

const newVisitor = (agent) => stage.visitor({ agent });
const does = (...all) => stage.does(...all);

/** Somebody new who is signed in; the company has forgotten how. */
async function signedIn(options) {
  const one = await stage.signedIn(options);
  stage.clear();
  return one;
}

const fails = (told, pattern = /./) => {
  assert.notEqual(told.status, "done", JSON.stringify(told));
  assert.match(told.error, pattern);
  assert.ok(told.error.length > 8, "no sentence");
};

describe("a public action", () => {
  test("runs for anybody, and says nothing of anybody", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const [told] = await does(line, ["find_shop", { city: "Boulder" }]);
    assert.equal(told.status, "done");
    assert.deepEqual(Object.keys(told.result), ["shops"]);
    assert.equal(told.result.shops[0].street, "1505 Pearl Street");
    assert.equal(company.requests.length, 1);
    const [{ path, method, headers }] = company.requests;
    assert.equal(`${method} ${path}`, "GET /shops?city=Boulder");
    assert.equal(headers.authorization, undefined);
    assert.equal(headers.cookie, undefined);
    assert.ok(!line.frames.some((frame) => frame.type === "state"));
    await visitor.leave();
  });

  test("shows the visitor what is being done", async () => {
    company.next({ hold: true });
    const visitor = newVisitor();
    const line = await visitor.connect();
    const text = puppet.plan([["find_shop", { city: "Boulder" }]]);
    await line.say(text);
    const doing = await line.until("a word about it", (frame) => frame.type === "progress" && frame.doing?.what === "acting");
    assert.deepEqual(doing.doing.names, ["Find a shop"]);
    company.release();
    await puppet.toldOf(text);
    await visitor.leave();
  });

  test("puts a value where it belongs, whatever stands in it", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const values = ["a&role=staff", "a#b", "../../stock?item=tent", "a/b", "São Paulo", "a\r\nx-role: staff", "{{context.token}}", "<city>", "%2e%2e%2f", "a=b;c", "\u0000", "\"}"];
    for (const city of values) {
      company.requests.length = 0;
      await does(line, ["find_shop", { city }]);
      for (const { path, headers } of company.requests) {
        const url = new URL(path, company.url);
        assert.equal(url.pathname, "/shops", JSON.stringify(city));
        assert.deepEqual([...url.searchParams], [["city", city]]);
        assert.equal(url.hash, "");
        assert.equal(headers["x-role"], undefined);
      }
      assert.ok(company.requests.length <= 1);
      await edge.later(1_100);
    }
    await visitor.leave();
  });
});

describe("a private action", () => {
  test("called before the login opens the card, and runs after it with the very same values", async () => {
    const who = company.enrol();
    const visitor = newVisitor();
    const line = await visitor.connect();
    const text = puppet.plan([["track_order", { order_number: who.order }]]);
    const end = await line.ask(text);
    assert.equal(end.type, "card");
    await line.until("the state", (frame) => frame.type === "state" && frame.state === "pending");
    assert.equal(company.requests.length, 0);
    const { line: again } = await visitor.signInAt("sign_in", typed(who), { card: end.card.id });
    await again.until("the answer", (frame) => frame.type === "answer");
    const [one] = await puppet.toldOf(text);
    assert.deepEqual(JSON.parse(one.args), { order_number: who.order });
    assert.equal(one.told.status, "done");
    assert.deepEqual(one.told.result, {
      number: who.order, status: "being packed", carrier: "FedEx", tracking: "not yet", delivery_date: "2026-11-27", address: "5 Mill Road, Boulder, CO 80302",
    });
    assert.deepEqual(company.requests.map(({ method, path, customer }) => [method, path, customer?.user_name]), [
      ["POST", "/login", undefined], ["GET", `/orders/${who.order}`, who.user_name],
    ]);
    assert.equal(again.numbered.filter((frame) => frame.type === "message").length, 1, "the question was put twice");
    await visitor.leave();
  });

  test("is answered with an error when the visitor closes the card", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const text = puppet.plan([["track_order", { order_number: "NW-1044" }]]);
    const { card } = await line.ask(text);
    assert.equal((await visitor.cancel(card.id)).status, 204);
    await line.until("a word to it", (frame) => frame.type === "answer");
    const [{ told }] = await puppet.toldOf(text);
    assert.notEqual(told.status, "done");
    assert.equal(company.requests.length, 0);
    await visitor.leave();
  });

  test("reads the person's own order and nobody else's; the API's words go to the model", async () => {
    const { who, visitor, line } = await signedIn();
    const [own, other] = await does(line, ["track_order", { order_number: who.order }], ["track_order", { order_number: "NW-1044" }]);
    assert.equal(own.result.number, who.order);
    fails(other, /No such order/);
    assert.deepEqual(company.requests.map(({ customer }) => customer.user_name), [who.user_name, who.user_name]);
    await visitor.leave();
  });

  test("never shows the model what is not listed, nor the token", async () => {
    const { who, visitor, line } = await signedIn();
    await does(line, ["track_order", { order_number: who.order }]);
    const bytes = puppet.model.bytes();
    assert.ok(company.requests[0].headers.authorization.length > 20);
    for (const secret of ["MARGIN-", "user_id", who.password, ...company.accounts.tokens.keys(), ...company.accounts.refreshTokens.keys()]) {
      assert.ok(!bytes.includes(secret), `${secret} at the model`);
    }
    await visitor.leave();
  });

  test("needs its role, and says so without asking the API", async () => {
    const customer = await signedIn();
    fails((await does(customer.line, ["check_stock", { item: "Basecamp 2 tent" }]))[0]);
    assert.equal(company.requests.length, 0);
    await customer.visitor.leave();
    const staff = await signedIn({ roles: ["customer", "staff"] });
    const [told] = await does(staff.line, ["check_stock", { item: "Basecamp 2 tent" }]);
    assert.deepEqual(told.result.items, [{ item: "Basecamp 2 tent", pieces_in_portland: 14, pieces_in_burlington: 3 }]);
    await staff.visitor.leave();
  });
});

describe("what the model sends", () => {
  for (const [what, args] of [
    ["a parameter that the action does not have", { order_number: "NW-1044", user_id: "c2" }],
    ["nothing", {}],
    ["a list", { order_number: ["NW-1044"] }],
    ["an object", { order_number: { is: "NW-1044" } }],
    ["null", { order_number: null }],
    ["an empty text", { order_number: "" }],
    ["a novel", { order_number: "x".repeat(100_000) }],
    ["no object", "[]"],
    ["no JSON", "{order_number:"],
  ]) {
    test(`is refused before the API is asked: ${what}`, async () => {
      const { visitor, line } = await signedIn();
      fails((await does(line, ["track_order", args]))[0]);
      assert.equal(company.requests.length, 0);
      await visitor.leave();
    });
  }

  test("twice in one answer is done once", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const told = await does(line, ["find_shop", { city: "Boulder" }], ["find_shop", { city: "Boulder" }]);
    assert.equal(told.filter(({ status }) => status === "done").length, 1);
    assert.equal(company.requests.length, 1);
    await visitor.leave();
  });

  test("in one answer is done up to sixteen times", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    company.always({ status: 200, body: { success: true, data: { shops: [] } } });
    const told = await does(line, ...Array.from({ length: 20 }, (_, n) => ["find_shop", { city: `City ${n}` }]));
    assert.equal(told.filter(({ status }) => status === "done").length, 16);
    told.slice(16).forEach((one) => fails(one));
    assert.equal(company.requests.length, 16);
    await visitor.leave();
  });
});

describe("what the API answers", () => {
  const shop = ["find_shop", { city: "Boulder" }];

  async function answered(script, agent) {
    company.next(script);
    const visitor = newVisitor(agent);
    const line = await visitor.connect();
    const [told] = await does(line, shop);
    await visitor.leave();
    return told;
  }

  test("too late is a failure, and the turn goes on", async () => {
    fails(await answered({ hold: true }, "ag_quick"));
  });

  test("with a redirect is a failure, and the other address is not asked", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      fails(await answered({ status, headers: { location: `${company.url}/health` } }));
      assert.deepEqual(company.asked("/health"), []);
    }
  });

  test("with more than 256 KB is a failure", async () => {
    fails(await answered({ status: 200, headers: { "content-type": "application/json" }, body: { success: true, data: { shops: [], fill: "x".repeat(257 * 1024) } } }));
  });

  for (const [what, script] of [
    ["no JSON", { status: 200, body: "<html>success</html>" }],
    ["JSON that is too deep", { status: 200, headers: { "content-type": "application/json" }, body: `{"success":true,"data":{"shops":${"[".repeat(60)}${"]".repeat(60)}}}` }],
    ["a server's error", { status: 500, body: { success: true, data: { shops: [] } } }],
    ["a condition that is false", { status: 200, body: { success: "true", data: { shops: [] } } }],
    ["half of it", { cut: "middle", status: 200, body: { success: true, data: { shops: [1, 2, 3] } } }],
  ]) {
    test(`is a failure: ${what}`, async () => fails(await answered(script)));
  }

  test("is a failure: nothing at all", async () => {
    company.always({ cut: "before" }, () => true);
    const visitor = newVisitor();
    const line = await visitor.connect();
    // Below us a request that only reads may be sent again on another connection: how often is the runtime's affair.
    fails((await does(line, shop))[0]);
    await visitor.leave();
  });

  test("as its reason is handed on as text, and not without end", async () => {
    const told = await answered({ status: 404, body: { success: false, message: `No shop there.\u0000\u001b[31m ${"x".repeat(50_000)}` } });
    assert.match(told.error, /^No shop there\./);
    assert.ok(told.error.length <= 2_000, `${told.error.length} characters`);
    assert.doesNotMatch(told.error, /[\u0000-\u0008\u000b-\u001f]/);
  });

  test("as its reason may be of another kind than a text", async () => {
    for (const message of [null, 7, ["a"], { is: "a" }, "", undefined]) fails(await answered({ status: 404, body: { success: false, message } }));
  });
});

describe("a confirmation", () => {
  const changing = (order_number) => ["change_delivery_address", { order_number, address: ADDRESS }];

  /** The model has asked for the change; nothing was said to it yet. */
  async function atConfirmation() {
    const { who, visitor, line } = await signedIn();
    const text = puppet.plan([changing(who.order)]);
    const { seq } = await line.say(text);
    const confirm = await line.asked(seq);
    return { who, visitor, line, text, seq, confirm };
  }

  test("shows what will be done, and nothing is done before the visitor says yes", async () => {
    const { who, visitor, line, text, confirm } = await atConfirmation();
    assert.equal(confirm.title, "Change the delivery address");
    assert.deepEqual(confirm.details, [{ label: "Order", value: who.order }, { label: "New address", value: ADDRESS }]);
    await line.ping();
    assert.equal(company.requests.length, 0);
    line.confirm(confirm.id);
    await line.confirmed(confirm.id);
    const [{ told }] = await puppet.toldOf(text);
    assert.deepEqual(told, { status: "done", result: { number: who.order, address: ADDRESS } });
    assert.deepEqual(company.effects.map(({ order, address, user_id }) => [order, address, user_id]), [[who.order, ADDRESS, who.user_id]]);
    assert.ok(company.effects[0].key, "no Idempotency-Key");
    await visitor.leave();
  });

  test("that is declined does nothing, and the model is told", async () => {
    const { visitor, line, text, confirm } = await atConfirmation();
    line.confirm(confirm.id, false);
    await line.confirmed(confirm.id, "declined");
    const [{ told }] = await puppet.toldOf(text);
    assert.deepEqual(told, { error: "The visitor said no." });
    line.confirm(confirm.id, true);
    await line.until("a refusal", (frame) => frame.type === "refused" && frame.code === "card_gone");
    assert.equal(company.requests.length, 0);
    await visitor.leave();
  });

  test("is withdrawn by a new message, and a late yes does nothing", async () => {
    const { visitor, line, confirm } = await atConfirmation();
    await line.ask("Do you ship to Canada?");
    await line.confirmed(confirm.id, "withdrawn");
    line.confirm(confirm.id);
    await line.until("a refusal", (frame) => frame.type === "refused" && frame.code === "card_gone");
    assert.equal(company.requests.length, 0);
    assert.deepEqual(puppet.model.complaints(), []);
    await visitor.leave();
  });

  test("is not another visitor's to give", async () => {
    const { visitor, line, confirm } = await atConfirmation();
    for (const stranger of [newVisitor(), (await signedIn()).visitor]) {
      const other = await stranger.connect();
      other.confirm(confirm.id);
      await other.until("a refusal", (frame) => frame.type === "refused");
      await stranger.leave();
    }
    await line.ping();
    assert.equal(company.asked(/address/).length, 0);
    await visitor.leave();
  });

  test("given many times is one change", async () => {
    const { visitor, line, text, confirm } = await atConfirmation();
    for (let n = 0; n < 20; n += 1) line.confirm(confirm.id);
    await puppet.toldOf(text);
    await line.ping();
    assert.equal(company.asked(/address/).length, 1);
    await visitor.leave();
  });

  test("stands after a reload, and can be given then", async () => {
    const { visitor, line, text, confirm } = await atConfirmation();
    await line.close();
    const again = await visitor.connect();
    assert.equal((await again.asked()).id, confirm.id);
    again.confirm(confirm.id);
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");
    await visitor.leave();
  });

  test("cannot be given by somebody who has signed out", async () => {
    const { visitor, line, confirm } = await atConfirmation();
    line.confirm("A".repeat(22));
    await visitor.signOut();
    line.confirm(confirm.id);
    await line.closed;
    assert.equal(company.requests.length, 0);
    await visitor.leave();
  });

  test("follows the login when the action needed one", async () => {
    const who = company.enrol();
    const visitor = newVisitor();
    const line = await visitor.connect();
    const text = puppet.plan([changing(who.order)]);
    const { card } = await line.ask(text);
    const { line: again } = await visitor.signInAt("sign_in", typed(who), { card: card.id });
    const confirm = await again.asked();
    assert.equal(company.asked(/address/).length, 0);
    again.confirm(confirm.id);
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");
    await visitor.leave();
  });

  test("of a public action needs nobody's name", async () => {
    const visitor = newVisitor("ag_asks");
    const line = await visitor.connect();
    const text = puppet.plan([["find_shop", { city: "Boulder" }]]);
    await line.say(text);
    const confirm = await line.asked();
    assert.equal(company.requests.length, 0);
    line.confirm(confirm.id);
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");
    await visitor.leave();
  });

  test("does not let a shipped order change: the API's words go to the model", async () => {
    const { who, visitor, line, text, confirm } = await atConfirmation();
    company.orders.find(({ number }) => number === who.order).status = "shipped";
    line.confirm(confirm.id);
    fails((await puppet.toldOf(text))[0].told, new RegExp(`${who.order} is shipped`));
    assert.equal(company.effects.length, 0);
    await visitor.leave();
  });
});

describe("every action in every state and role (R47)", () => {
  const callsOf = (who) => ({
    sign_in: typed(who),
    sign_in_by_phone: { phone: "+12025550122" },
    enter_phone_code: { code: "123456" },
    refresh_token: {},
    find_shop: { city: "Boulder" },
    track_order: { order_number: who.order },
    change_delivery_address: { order_number: who.order, address: ADDRESS },
    check_stock: { item: "Basecamp 2 tent" },
  });
  const somebody = { user_name: "ben", password: "ben-demo-2026", order: "NW-1044" };
  const states = {
    unidentified: { enter: async () => { const visitor = newVisitor(); return { who: somebody, visitor, line: await visitor.connect() }; }, may: ["find_shop"] },
    pending: {
      enter: async () => {
        const visitor = newVisitor();
        const line = await visitor.connect();
        await line.ask(puppet.plan([["request_login", { reason: "orders" }]]));
        return { who: somebody, visitor, line };
      },
      may: ["find_shop"],
    },
    "signed in, a customer": { enter: () => signedIn(), may: ["find_shop", "track_order"] },
    "signed in, staff": { enter: () => signedIn({ roles: ["customer", "staff"] }), may: ["find_shop", "track_order", "check_stock"] },
  };

  for (const [state, { enter, may }] of Object.entries(states)) {
    test(state, async () => {
      for (const name of Object.keys(callsOf(somebody))) {
        const { who, visitor, line } = await enter();
        company.requests.length = 0;
        const text = puppet.plan([[name, callsOf(who)[name]]]);
        await line.ask(text);
        await line.ping();
        assert.equal(company.requests.length, may.includes(name) ? 1 : 0, `${name}: ${company.requests.map(({ path }) => path)}`);
        for (const one of puppet.told(text)) if (one.told.status === "done") assert.ok(may.includes(name), name);
        const offered = puppet.offered(text);
        for (const hidden of ["sign_in", "sign_in_by_phone", "enter_phone_code", "refresh_token"]) assert.ok(!offered.includes(hidden), `${hidden} is offered`);
        await visitor.leave();
      }
    });
  }

  test("no schema that the model sees asks who the person is (A7)", async () => {
    const { visitor, line } = await signedIn({ roles: ["customer", "staff"] });
    const text = puppet.plan([["find_shop", { city: "Boulder" }]]);
    await line.ask(text);
    const { body } = puppet.model.requests.findLast((request) => request.raw.includes(text));
    for (const { function: tool } of body.tools) {
      assert.equal(tool.parameters.additionalProperties, false, tool.name);
      for (const name of Object.keys(tool.parameters.properties)) assert.doesNotMatch(name, /user|customer|tenant|company|role|token|email/, tool.name);
    }
    await visitor.leave();
  });
});
