// The test run of an action: what was sent, what came back, what the settings made of it, and no secret in any of it (A8).
// The secrets that it uses lie sealed, each for its own agent and name (R55).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { demoActions } from "../rig/actions.mjs";
import { agentWithActions } from "../rig/agents.mjs";
import { startProcess } from "../rig/process.mjs";

const KEY = `live "key" & ${randomBytes(18).toString("base64")}`;
const HIDDEN = "[hidden]";
let company;
let edge;

/** An action with the agent's secret in a header and in its body. */
const keyed = (api, changed = {}) => ({
  name: "keyed",
  title: "Ask with the agent's key",
  kind: { is: "public" },
  method: "POST",
  url: `${api.url}/keyed/<item>`,
  headers: [{ name: "X-Api-Key", value: "{{secret.api_key}}" }, { name: "X-Plain", value: "for <item>" }],
  body: { key: "{{secret.api_key}}", item: "<item>" },
  parameters: [{ name: "item", label: "Item" }],
  success: "status_code == 200 && response.ok == true",
  shows: [{ name: "said", from: "said" }],
  failure: "response.message",
  ...changed,
});

/** The actions of the demo, single ones with other settings under other names. */
function agents(api) {
  const named = (name) => demoActions(api).find((action) => action.name === name);
  const [shop, signIn] = ["find_shop", "sign_in"].map(named);
  const actions = [
    ...demoActions(api),
    keyed(api),
    keyed(api, { name: "greedy", headers: [{ name: "X-Api-Key", value: "{{secret.model_key}}" }], body: null }),
    { ...shop, name: "lost", shows: [{ name: "shops", from: "data.nowhere.shops" }, { name: "first", from: "data.shops[0].city" }] },
    { ...shop, name: "unsure", success: "response.nowhere.success == true" },
    { ...shop, name: "garbled", success: "response.success ==" },
    { ...shop, name: "hasty", timeout_ms: 200 },
    { ...shop, name: "nobody", url: "http://127.0.0.1:9/shops?city=<city>" },
    { ...shop, name: "inside", url: "https://169.254.169.254/latest/<city>" },
    { ...signIn, name: "sign_in_lost", kind: { is: "login", remembers: [{ name: "user_id", from: "data.nowhere" }, { name: "name", from: "data.name" }] } },
    { ...signIn, name: "sign_in_greedy", kind: { is: "login", remembers: [{ name: "user_id", from: "data.user_id" }, { name: "password", from: "data.name" }, { name: "nick", from: "data.nick" }] } },
  ];
  return ["ag_actions", "ag_other"].map((id) => ({ ...agentWithActions(api, id), actions }));
}

before(async () => {
  company = await startCompany();
  edge = await startProcess({ agents: agents(company) });
  await edge.secret("ag_actions", "api_key", KEY);
});
after(async () => {
  await edge?.stop();
  await company?.stop();
});
afterEach(() => {
  company.asUsual();
  company.requests.length = 0;
});

const tries = (action, given, agent = "ag_actions") => edge.trial(agent, action, given);

/** The key as it is, and as JSON, a URL or base64 write it. */
const spelled = (secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString("base64").replace(/=+$/, "")];

/** Insists that no secret stands in it, however it is written. */
function silent(text, ...secrets) {
  for (const one of secrets.flatMap(spelled)) assert.ok(!text.includes(one), `a secret in ${text.slice(0, 400)}`);
}

describe("a test run", () => {
  test("gives the request as it was sent, the answer, and what the model would see", async () => {
    const trial = await tries("find_shop", { values: { city: "Boulder" } });
    assert.deepEqual(trial.request, { method: "GET", url: `${company.url}/shops?city=Boulder`, headers: [], body: null });
    assert.equal(trial.status, 200);
    assert.equal(JSON.parse(trial.answer).data.shops[0].street, "1505 Pearl Street");
    assert.equal(trial.shows.shops[0].city, "Boulder");
    assert.deepEqual([trial.verdict, trial.faults, trial.remembered], ["succeeded", [], {}]);
    assert.deepEqual(company.requests.map(({ method, path }) => `${method} ${path}`), ["GET /shops?city=Boulder"]);
  });

  test("says what the API said where the condition does not hold", async () => {
    const trial = await tries("find_shop", { values: { city: "Springfield" } });
    assert.equal(trial.verdict, "failed");
    assert.equal(trial.status, 404);
    assert.deepEqual(trial.shows, {});
    assert.ok(trial.faults.some((fault) => /The API said: We have no shop there/.test(fault)), `${trial.faults}`);
  });

  test("sends the agent's secret and shows none, not even where the API repeats it", async () => {
    company.next(({ headers, json }) => ({ status: 200, body: { ok: true, said: `Your key is ${json.key}.`, header: headers["x-api-key"], in_a_url: `https://x.test/?k=${encodeURIComponent(json.key)}`, list: [json.key] } }));
    const trial = await tries("keyed", { values: { item: "tent" } });
    const [sent] = company.requests;
    assert.equal(sent.headers["x-api-key"], KEY);
    assert.deepEqual(sent.json, { key: KEY, item: "tent" });
    assert.deepEqual(trial.request, {
      method: "POST", url: `${company.url}/keyed/tent`, headers: [["X-Api-Key", HIDDEN], ["X-Plain", "for tent"], ["content-type", "application/json"]],
      body: trial.request.body,
    });
    assert.deepEqual(JSON.parse(trial.request.body), { key: HIDDEN, item: "tent" });
    assert.equal(trial.verdict, "succeeded");
    // A value with a secret in it is not shown in part: the model would not see it either.
    assert.deepEqual(trial.shows, { said: HIDDEN });
    silent(JSON.stringify(trial), KEY);
    company.next(({ json }) => ({ status: 403, body: { ok: false, message: `The key ${json.key} may not do this.` } }));
    const refused = await tries("keyed", { values: { item: "tent" } });
    assert.ok(refused.faults.some((fault) => fault.includes(`The key ${HIDDEN} may not do this.`)), `${refused.faults}`);
    silent(JSON.stringify(refused), KEY);
  });

  test("of a login shows what would be remembered, and no password or token", async () => {
    const password = `Trail & "mix" ${randomBytes(9).toString("base64url")}`;
    const who = company.enrol({ password });
    const trial = await tries("sign_in", { values: { user_name: who.user_name, password } });
    assert.equal(trial.verdict, "succeeded");
    assert.deepEqual(trial.faults, []);
    const { expired_at, ...remembered } = trial.remembered;
    assert.deepEqual(remembered, {
      user_id: who.user_id, name: who.name, email: who.email, company_id: "northwind", roles: who.roles, token: HIDDEN, refresh_token: HIDDEN,
    });
    assert.ok(Date.parse(expired_at) > Date.now());
    assert.deepEqual(JSON.parse(trial.request.body), { user_name: who.user_name, password: HIDDEN });
    assert.equal(company.requests[0].json.password, password);
    const tokens = [...company.accounts.tokens.keys(), ...company.accounts.refreshTokens.keys()];
    assert.ok(tokens.length >= 2);
    silent(JSON.stringify(trial), password, ...tokens);
    assert.equal(JSON.parse(trial.answer).data.token, HIDDEN);
  });

  test("of a login that the API refuses says so, without the password that it repeats", async () => {
    const wrong = `wrong-${randomBytes(9).toString("base64url")}`;
    company.next(({ json }) => ({ status: 401, body: { success: false, message: `No account takes ${json.password}.` } }));
    const trial = await tries("sign_in", { values: { user_name: "ben", password: wrong } });
    assert.equal(trial.verdict, "failed");
    assert.deepEqual(trial.remembered, {});
    assert.ok(trial.faults.some((fault) => fault.startsWith("The API said: No account takes")), `${trial.faults}`);
    silent(JSON.stringify(trial), wrong);
  });

  test("of a login whose answer names nobody fails, and names the path", async () => {
    const who = company.enrol();
    const trial = await tries("sign_in_lost", { values: { user_name: who.user_name, password: who.password } });
    assert.equal(trial.verdict, "failed");
    assert.ok(trial.faults.some((fault) => fault.includes("user_id")), `${trial.faults}`);
    assert.deepEqual(trial.remembered, { name: who.name });
  });

  test("names every field that is not kept, with the reason", async () => {
    const who = company.enrol();
    const trial = await tries("sign_in_greedy", { values: { user_name: who.user_name, password: who.password } });
    assert.equal(trial.remembered.password, undefined);
    assert.ok(trial.faults.some((fault) => /^password: .*never kept/.test(fault)), `${trial.faults}`);
    assert.ok(trial.faults.some((fault) => fault.startsWith("nick: ")), `${trial.faults}`);
  });

  test("names a path that leads nowhere, and shows what the others lead to", async () => {
    const trial = await tries("lost", { values: { city: "Boulder" } });
    assert.equal(trial.verdict, "succeeded");
    assert.deepEqual(trial.shows, { first: "Boulder" });
    assert.match(trial.faults.join("\n"), /^shows\.shops: the answer has nothing where the expression looks/);
    assert.equal(trial.faults.length, 1);
  });

  for (const [what, action, fault] of [
    ["on what is not there", "unsure", /^success: the answer has nothing where the expression looks/],
    ["that cannot be read", "garbled", /^success: the expression cannot be read/],
  ]) {
    test(`with a condition ${what} does not succeed, and says why`, async () => {
      const trial = await tries(action, { values: { city: "Boulder" } });
      assert.equal(trial.verdict, "failed");
      assert.equal(trial.status, 200);
      assert.match(trial.faults.join("\n"), fault);
      assert.equal(trial.faults.length, 1);
    });
  }

  test("says that an answer is no JSON", async () => {
    company.next({ status: 200, body: "<html>Welcome</html>" });
    const trial = await tries("find_shop", { values: { city: "Boulder" } });
    assert.equal(trial.verdict, "failed");
    assert.ok(trial.faults.includes("The answer is not JSON."), `${trial.faults}`);
  });

  test("uses a made-up context, and hides what of it is secret", async () => {
    const token = `made-up-${randomBytes(12).toString("base64url")}`;
    const trial = await tries("track_order", { values: { order_number: "NW-1044" }, context: { token } });
    assert.equal(company.requests[0].headers.authorization, `Bearer ${token}`);
    assert.deepEqual(trial.request.headers, [["Authorization", `Bearer ${HIDDEN}`]]);
    assert.equal(trial.verdict, "failed");
    assert.equal(trial.status, 401);
    silent(JSON.stringify(trial), token);
  });

  test("uses a made-up step before, and hides what of it is secret", async () => {
    const trial = await tries("enter_phone_code", { values: { code: "123456" }, step: { request_id: "pr_made_up" } });
    assert.deepEqual(company.requests[0].json, { request_id: "pr_made_up", code: "123456" });
    assert.equal(trial.verdict, "failed");
  });
});

describe("a test run for which something is missing is not sent", () => {
  for (const [what, action, given, fault] of [
    ["a field of the context", "track_order", { values: { order_number: "NW-1044" } }, "The context has no token."],
    ["what the step before gives", "enter_phone_code", { values: { code: "123456" } }, "The step before gives no request_id."],
    ["a parameter", "find_shop", {}, "city is missing"],
    ["a parameter that exists", "find_shop", { values: { city: "Boulder", role: "staff" } }, "role is not a parameter"],
    ["a text", "find_shop", { values: { city: { is: "Boulder" } } }, "city must be a text"],
    ["a secret that templates may use", "greedy", { values: { item: "tent" } }, "model_key"],
    ["an address that may be asked", "inside", { values: { city: "meta-data" } }, "the address is refused"],
  ]) {
    test(what, async () => {
      if (action === "greedy") await edge.secret("ag_actions", "model_key", KEY);
      const trial = await tries(action, given);
      assert.equal(trial.verdict, "not_made");
      assert.ok(trial.faults.some((one) => one.includes(fault)), `${trial.faults}`);
      assert.deepEqual([trial.request, trial.status, trial.answer], [null, null, null]);
      assert.equal(company.requests.length, 0);
      silent(JSON.stringify(trial), KEY);
    });
  }

  test("a secret that the agent has not got", async () => {
    const trial = await tries("keyed", { values: { item: "tent" } }, "ag_other");
    assert.equal(trial.verdict, "not_made");
    assert.deepEqual(trial.faults, ["The agent has no secret api_key that may be sent to this host."]);
    assert.equal(company.requests.length, 0);
  });
});

describe("a test run that gets no answer says so, and shows what was sent", () => {
  for (const [what, action, script] of [["in time", "hasty", { hold: true }], ["at all", "find_shop", { cut: "after" }]]) {
    test(what, async () => {
      company.next(script);
      const trial = await tries(action, { values: { city: "Boulder" } });
      assert.equal(trial.verdict, "unknown");
      assert.equal(trial.request.url, `${company.url}/shops?city=Boulder`);
      assert.deepEqual([trial.status, trial.answer], [null, null]);
      assert.ok(trial.faults.length > 0);
    });
  }

  test("from nobody", async () => {
    const trial = await tries("nobody", { values: { city: "Boulder" } });
    assert.ok(["not_sent", "unknown"].includes(trial.verdict), trial.verdict);
    assert.ok(trial.faults.length > 0);
  });
});

test("there is no test run of an action or an agent that is not there, nor with more than it takes", async () => {
  for (const [agent, action] of [["ag_actions", "nothing"], ["ag_nobody", "find_shop"], ["ag_actions", "find_shop/more"]]) {
    await assert.rejects(() => edge.trial(agent, action, {}), /answered 404/);
  }
  await assert.rejects(() => tries("find_shop", { values: { city: "Boulder" }, url: company.url }), /answered 400/);
  assert.equal(company.requests.length, 0);
});

describe("a secret", () => {
  const rowOf = async (agent, name = "api_key") => (await edge.rows("SELECT sealed FROM secret WHERE agent = ? AND name = ?", agent, name))[0]?.sealed;

  test("lies sealed, another way each time, and in no file or line of the log as it is", async () => {
    await tries("keyed", { values: { item: "tent" } });
    const before = await rowOf("ag_actions");
    await edge.secret("ag_actions", "api_key", KEY);
    assert.notEqual(await rowOf("ag_actions"), before);
    const files = await edge.files();
    assert.ok(files.some(({ bytes }) => bytes.toString("latin1").includes(before)), "not the files that the secrets are in");
    for (const { file, bytes } of files) {
      const text = bytes.toString("latin1");
      for (const one of spelled(KEY)) assert.ok(!text.includes(one), `the secret in ${file}`);
    }
    silent(edge.logs(), KEY);
  });

  for (const [what, agent, name, action] of [["another agent", "ag_other", "api_key", "keyed"], ["another name", "ag_actions", "api_key", "keyed"]]) {
    test(`does not open when its row is copied to ${what}`, async () => {
      await edge.secret("ag_actions", "spare", `spare ${KEY}`);
      const sealed = what === "another agent" ? await rowOf("ag_actions") : await rowOf("ag_actions", "spare");
      await edge.rows("INSERT OR REPLACE INTO secret (agent, name, sealed, at) VALUES (?, ?, ?, 0)", agent, name, sealed);
      // What an isolate has read it keeps for five seconds.
      await edge.later(6_000);
      await assert.rejects(() => tries(action, { values: { item: "tent" } }, agent), (error) => {
        assert.match(error.message, /answered 503/);
        silent(error.message, KEY);
        return true;
      });
      assert.equal(company.requests.length, 0);
      assert.match(edge.logs(), new RegExp(`secret/${name} of ${agent} does not open`));
      silent(edge.logs(), KEY);
      await edge.secret("ag_actions", "api_key", KEY);
      assert.equal((await tries("keyed", { values: { item: "tent" } })).request.headers[0][1], HIDDEN);
      assert.equal(company.requests[0].headers["x-api-key"], KEY, "its own agent cannot use it any more");
    });
  }

  test("has a name that a template can say, or is not set", async () => {
    for (const name of ["", "Key", "api key", "9lives", "x".repeat(65), "a-b"]) {
      await assert.rejects(() => edge.secret("ag_actions", name, "value"), /answered 400/, name);
    }
  });
});
