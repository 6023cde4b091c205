// The test chat: settings that are not saved, for the member who tries them and for nobody else. What is proved in it proves
// nothing to the agent, however weak a proof the draft asks for.
import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { complaint } from "../../demo/company/signature.mjs";
import { agent, agentWithActions } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { Holder, apiToken, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { until } from "../rig/wait.mjs";

const HERE = "ag_northwind";
const PATH = `agents/${HERE}/test-chat`;
const HOUR_MS = 3_600_000;

let company;
let edge;
let owner;
let editor;
let analyst;

before(async () => {
  company = await startCompany();
  edge = await startEdge({ agents: [agent(HERE), agent("ag_other"), agentWithActions(company, "ag_acts")] });
  owner = await ownerOf(edge);
  editor = await memberOf(edge, { email: "editor@example.com", agent: HERE, role: "editor" });
  analyst = await memberOf(edge, { email: "analyst@example.com", agent: HERE, role: "analyst" });
});
after(async () => {
  await edge?.stop();
  await company?.stop();
});

/** The id of a test chat that somebody begins. */
async function begun(patch = {}, who = owner, path = PATH) {
  const answer = await who.post(path, patch);
  assert.equal(answer.status, 201, answer.text);
  return answer.json().chat;
}

/** Whoever talks in a test chat, as its frame in this member's console does: with the member's cookies, and a token in memory. */
class Tester extends Visitor {
  constructor(who, chat) {
    super(edge, { agent: chat, bearer: true });
    this.cookies = new Map(who.visitor?.cookies ?? []);
    this.cookiesBefore = this.cookieHeader;
  }
}

const frame = (who, chat) => Object.assign(new Tester(who, chat), { inMemory: false }).send(`/frame/${chat}`, { method: "GET" });
const nobody = { visitor: undefined };

describe("what cannot be tried", () => {
  test("settings that could not be saved, with the fields that are wrong", async () => {
    const bad = { name: "", customer_auth: { code_digits: 3 }, model: { provider: "open_ai", base_url: "http://10.0.0.1/v1", model: "m" } };
    const { errors } = assertProblem(await owner.post(PATH, bad), 422, "invalid");
    for (const pointer of ["/name", "/customer_auth/code_digits", "/model/base_url"]) assert.ok(errors.some((error) => error.pointer === pointer), pointer);
    for (const patch of [{ titel: "x" }, { theme: { radius: 999 } }, { theme: null, actions: 7 }]) assertProblem(await owner.post(PATH, patch), 422, "invalid");
    for (const patch of [[], "x", 7]) assertProblem(await owner.post(PATH, patch), 400, "bad_request");
    assertProblem(await owner.post(PATH, undefined, { raw: "{" }), 400, "bad_request");
    assertProblem(await owner.post(PATH, undefined, { raw: `{"instructions":"${"x".repeat(10_000_000)}"}` }), 413, "too_large");
    assertProblem(await owner.post(PATH, { id: "ag_other" }), 403, "not_allowed");
  });

  test("by an editor what an editor may not change, and by an analyst, a stranger, a program or another page anything", async () => {
    for (const patch of [{ instructions: "x" }, { customer_auth: { enabled: false } }, { customer_auth: { methods: [] , enabled: false } }, { origins: [] }, { model: { provider: "workers_ai", model: "@cf/m" } }]) {
      const { errors } = assertProblem(await editor.post(PATH, patch), 403, "not_allowed");
      assert.ok(errors[0].pointer.startsWith("/"), JSON.stringify(errors));
    }
    assertProblem(await analyst.post(PATH), 403, "not_allowed");
    assertProblem(await editor.post("agents/ag_other/test-chat"), 404, "not_found");
    assertProblem(await new Holder(edge).post(PATH), 403, "not_allowed");
    assertProblem(await new Holder(edge, await apiToken(edge, { agent: HERE, scopes: ["settings:read", "settings:write"] })).post(PATH), 403, "not_allowed");
    assertProblem(await owner.post(PATH, {}, { headers: { origin: "https://shop.test", "sec-fetch-site": "cross-site" } }), 403, "not_allowed");
  });

  test("an archived agent, and one that is archived while it is tried", async () => {
    const other = "agents/ag_other";
    const chat = await begun({}, owner, `${other}/test-chat`);
    await new Tester(owner, chat).arrive();
    assert.equal((await owner.post(`${other}/archive`)).status, 204);
    assertProblem(await owner.post(`${other}/test-chat`), 409, "conflict");
    assertRefused(await new Tester(owner, chat).visit(), 404, "not_found");
    assert.equal((await owner.post(`${other}/restore`)).status, 204);
  });

  test("a test chat itself: it has no settings, no records and no members of its own", async () => {
    const chat = await begun();
    for (const path of ["", "/test-chat", "/secrets", "/conversations", "/collections", "/members"]) {
      const verb = path === "/test-chat" ? "post" : "get";
      assertProblem(await owner[verb](`agents/${chat}${path}`), 404, "not_found");
    }
    assertRefused(await frame(owner, chat.replace("-test-", "-test_")), 404, "not_found");
  });
});

describe("who gets in", () => {
  test("the member who began it and nobody else who knows its address", async () => {
    const chat = await begun({ greeting: "CANARY-DRAFT" });
    for (const who of [editor, analyst, nobody, await memberOf(edge, { email: "second@example.com" })]) {
      const [page, visited] = [await frame(who, chat), await new Tester(who, chat).visit()];
      for (const answer of [page, visited]) {
        assertRefused(answer, 404, "not_found");
        assert.ok(!answer.text.includes("CANARY"));
      }
    }
    assert.equal((await frame(owner, chat)).status, 200);
  });

  test("for an hour, while they are what they were", async () => {
    const [mine, theirs] = [await begun(), await begun({ greeting: "Hey" }, editor)];
    await new Tester(editor, theirs).arrive();
    await edge.sql([["UPDATE member SET role = 'analyst' WHERE email = 'editor@example.com'"]]);
    assertRefused(await new Tester(editor, theirs).visit(), 404, "not_found");
    await edge.sql([["UPDATE member SET role = 'editor' WHERE email = 'editor@example.com'"]]);
    await new Tester(editor, theirs).arrive();
    const tester = new Tester(owner, mine);
    await tester.arrive();
    await edge.later(HOUR_MS + 1_000);
    assertRefused(await tester.visit(), 404, "not_found");
    assertRefused(await frame(owner, mine), 404, "not_found");
    await begun();
  });

  test("of four at a time: the oldest ends for a fifth", async () => {
    const chats = [];
    for (let n = 0; n < 5; n += 1) chats.push(await begun({ greeting: `Hello ${n}` }));
    assertRefused(await frame(owner, chats[0]), 404, "not_found");
    for (const chat of chats.slice(1)) assert.equal((await frame(owner, chat)).status, 200);
  });

  test("and is not made a hammer of", async () => {
    const hammer = await memberOf(edge, { email: "hammer@example.com", agent: HERE });
    const answers = await Promise.all(Array.from({ length: 90 }, () => hammer.post(PATH)));
    const refused = answers.filter(({ status }) => status !== 201);
    assert.ok(refused.length >= 20, `${refused.length} refused`);
    assertProblem(refused[0], 429, "too_often");
  });
});

describe("what is said and proved in it", () => {
  /** Signs in to a test chat, whose draft opens the card at once. */
  async function signedIn(chat, address) {
    const tester = new Tester(owner, chat);
    await tester.arrive();
    const { frames } = await tester.visit().then((answer) => answer.json());
    const card = frames.find(({ type }) => type === "card").card.id;
    const verified = await tester.verify(card, await tester.codeFor(card, address));
    assert.equal(verified.status, 200, verified.text);
    return { tester, card };
  }

  test("is nothing to the agent: no cookie is set, and its token opens no conversation but its own", async () => {
    const real = new Visitor(edge, { agent: HERE });
    await real.signIn("ana@example.com");
    await edge.later(61_000);
    const chat = await begun({ customer_auth: { at_start: true, code_minutes: 10, session: { until_sign_out: true } } });
    const { tester } = await signedIn(chat, "ana@example.com");
    assert.equal(tester.cookieHeader, tester.cookiesBefore, "no cookie of any kind");
    assert.ok(tester.bearer);
    // The token, shown to the agent itself in every way that it takes one.
    const attacker = new Visitor(edge, { agent: HERE, bearer: true });
    attacker.bearer = tester.bearer;
    const visited = await attacker.arrive();
    assert.equal(visited.state, "unidentified");
    assert.ok(visited.conversation.startsWith(`${HERE}.`) && visited.conversation !== real.conversation);
    attacker.bearer = tester.bearer;
    for (const conversation of [real.conversation, visited.conversation]) assertRefused(await attacker.account({ conversation }), 401, "signed_out");
    const inCookie = new Visitor(edge, { agent: HERE });
    inCookie.cookies.set(inCookie.cookieName, tester.bearer);
    assert.equal((await inCookie.arrive()).state, "unidentified");
    await assert.rejects(attacker.socket(0, { conversation: real.conversation }), /401|refused|Unexpected/);
    // Who signed in there is another person, with nothing of what the agent knows of the real one.
    const mine = (await tester.visit()).json();
    assert.equal(mine.state, "authenticated");
    assert.ok(!JSON.stringify(mine).includes(real.conversation));
    const { devices } = (await tester.account()).json();
    assert.equal(devices.length, 1);
    assert.equal((await real.account()).json().devices.length, 1);
    // And the other way round.
    const back = new Visitor(edge, { agent: chat, bearer: true });
    back.cookies = new Map(owner.visitor.cookies);
    back.bearer = real.token;
    assert.equal((await back.arrive()).state, "unidentified");
    // Signing out everywhere there ends nothing here.
    assert.equal((await tester.signOut({ everywhere: true })).status, 204);
    assert.equal((await real.visit()).json().state, "authenticated");
  });

  test("is counted with everybody's budgets: a test mails nobody more codes than a visitor could", async () => {
    const address = "victim@example.com";
    let sent = 0;
    for (let n = 0; n < 4; n += 1) {
      const tester = new Tester(owner, await begun({ customer_auth: { at_start: true } }));
      await tester.arrive();
      const { frames } = (await tester.visit()).json();
      const started = await tester.start(frames.find(({ type }) => type === "card").card.id, address);
      if (started.status === 200) sent += 1;
      else assertRefused(started, 429, "too_often");
    }
    assert.equal(sent, 1);
  });

  test("is what the draft says, while visitors get what is saved", async () => {
    const settings = async () => (await owner.get(`agents/${HERE}`)).json();
    const before = await settings();
    const chat = await begun({ greeting: "CANARY-GREETING", name: "Draft & Co", theme: { accent: "#123456" }, knowledge: "Our draft shop opens at nine on Sundays.", customer_auth: { enabled: false } });
    const page = await frame(owner, chat);
    assert.ok(page.text.includes("CANARY-GREETING") && page.text.includes("Draft &amp; Co"));
    assert.match(page.headers["content-security-policy"], /frame-ancestors https:\/\/edge\.test(;|$)/);
    assert.ok(!(await new Visitor(edge, { agent: HERE }).send(`/frame/${HERE}`, { method: "GET" })).text.includes("CANARY"));
    assert.deepEqual(await settings(), before);
    const tester = new Tester(owner, chat);
    const line = await tester.connect();
    await line.say("When do you open on Sundays?");
    const { blocks } = await line.until("the answer", ({ type }) => type === "answer");
    assert.match(JSON.stringify(blocks), /nine/);
    await tester.leave();
  });

  test("uses the agent's keys and records, and what it sends is signed as the agent's", async () => {
    const acts = "agents/ag_acts";
    const chat = await begun({ instructions: "Draft." }, owner, `${acts}/test-chat`);
    const tester = new Tester(owner, chat);
    const line = await tester.connect();
    company.requests.length = 0;
    await line.say("Is there a shop in Boulder?");
    await line.until("the answer", ({ type }) => type === "answer");
    const [sent] = company.asked(/^\/shops/);
    const master = Buffer.from(edge.secrets.COUNTERSIGN_MASTER_KEY, "base64");
    const key = Buffer.from(hkdfSync("sha256", master, "", "countersign/v1/outgoing/ag_acts", 32)).toString("base64");
    assert.equal(complaint(sent, key, Date.now() + edge.ahead()), undefined);
    await tester.leave();
    // Records: the order of whoever signs in, by the agent's own rule.
    const ordered = await begun({ customer_auth: { at_start: true } });
    await edge.later(61_000);
    const { tester: ana } = await signedIn(ordered, "ana@example.com");
    const loaded = await until("the orders to be loaded", async () => {
      const { frames } = (await ana.visit()).json();
      return frames.find(({ type }) => type === "loaded");
    });
    assert.deepEqual(loaded.sources, [{ name: "recent orders", count: 3 }]);
  });

  test("stands in the list of conversations as a test, and in the trail", async () => {
    const chat = await begun({ greeting: "Listed" });
    const tester = new Tester(owner, chat);
    const line = await tester.connect();
    await line.say("Hello from a test");
    await line.until("the answer", ({ type }) => type === "answer");
    const one = await until("it to be listed", async () => {
      const { conversations } = (await owner.get(`agents/${HERE}/conversations?limit=200`)).json();
      for (const { id, test: isTest } of conversations) assert.equal(isTest === true, id.includes("-test-"), id);
      return conversations.find(({ id }) => id === tester.conversation);
    });
    assert.equal(one.test, true);
    const seen = await owner.get(`agents/${HERE}/conversations/${one.id}`);
    assert.equal(seen.status, 200, seen.text);
    assert.ok(seen.text.includes("Hello from a test"));
    assertProblem(await owner.get(`agents/ag_other/conversations/${one.id}`), 404, "not_found");
    const entries = await edge.ledger(HERE);
    const noted = entries.findLast(({ kind, detail }) => kind === "test_chat_begun" && detail.changed === "/greeting");
    assert.match(noted.detail.by, /^[A-Za-z0-9_-]{43}$/);
    assert.ok(!JSON.stringify(noted).includes("Listed"));
    await tester.leave();
  });
});
