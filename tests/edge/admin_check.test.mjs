// What is wrong with settings that are not saved, what expressions make of a sample answer, and the test run of an action that
// is not saved.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { demoActions } from "../rig/actions.mjs";
import { agentWithActions } from "../rig/agents.mjs";
import { Holder, apiToken, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { startProcess } from "../rig/process.mjs";

let company;
let edge;
let owner;

before(async () => {
  company = await startCompany();
  edge = await startProcess({ agents: [agentWithActions(company, "ag_check")] });
  owner = await ownerOf(edge);
});
after(async () => {
  await edge?.stop();
  await company?.stop();
});
afterEach(() => {
  company.asUsual();
  company.requests.length = 0;
});

const settings = async (who = owner) => (await who.get("agents/ag_check")).json().settings;
const faults = async (changed, who = owner) => {
  const answer = await who.post("agents/ag_check/check", { settings: changed });
  assert.equal(answer.status, 200, answer.text);
  const { errors } = answer.json();
  for (const { detail } of errors) assert.match(detail, /^[A-Z{<`a-z].{14,}[.]$/s, detail);
  return errors.map(({ pointer }) => pointer);
};
const named = (name) => demoActions(company).find((action) => action.name === name);

describe("a check of settings that are not saved", () => {
  test("finds nothing in settings that are saved", async () => assert.deepEqual(await faults(await settings()), []));

  test("points at each field that is wrong, and saves nothing", async () => {
    const now = await settings();
    const bad = structuredClone(now);
    bad.name = "";
    bad.origins = ["https://shop.test", "shop.test/"];
    bad.customer_auth.phone = { countries: ["XX"], channels: ["sms"], day_messages: 500 };
    bad.actions[0].success = "response.success ==";
    bad.actions[0].url = "https://169.254.169.254/latest";
    bad.model = { provider: "open_ai", base_url: "http://10.0.0.1/v1", model: "m" };
    bad.titel = "x";
    const found = await faults(bad);
    for (const pointer of ["/titel", "/name", "/origins/1", "/customer_auth/phone/countries/0", "/actions/0/success", "/actions/0/url", "/model/base_url"]) {
      assert.ok(found.includes(pointer), `${pointer} in ${found}`);
    }
    assert.deepEqual(await settings(), now);
  });

  test("says which part cannot be read at all", async () => {
    const bad = await settings();
    bad.theme.radius = 999;
    bad.customer_auth.code_digits = "six";
    bad.actions[1].kind = { is: "odd" };
    assert.deepEqual(await faults(bad), ["/actions/1/kind", "/customer_auth/code_digits", "/theme"]);
    assert.ok((await faults([])).length > 0);
  });

  test("is bounded, and of nobody's agent there is none", async () => {
    assertProblem(await owner.post("agents/ag_check/check", undefined, { raw: `{"settings":"${"x".repeat(1_200_000)}"}` }), 413, "too_large");
    assertProblem(await owner.post("agents/ag_check/check", {}), 400, "bad_request");
    assertProblem(await owner.post("agents/ag_nobody/check", { settings: {} }), 404, "not_found");
  });

  test("tells an editor of what an editor may change, and nothing of the rest", async () => {
    await edge.sql([["UPDATE agent SET settings = json_set(settings, '$.instructions', ?) WHERE id = 'ag_check'", "x".repeat(30_000)]]);
    const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_check", role: "editor" });
    const seen = await settings(editor);
    seen.theme.accent = "red";
    assert.deepEqual(await faults(seen, editor), ["/theme/accent"]);
    assert.ok((await faults(await settings())).includes("/instructions"));
    await edge.sql([["UPDATE agent SET settings = json_set(settings, '$.instructions', '') WHERE id = 'ag_check'"]]);
    for (const path of ["actions/trial", "actions/verdict", "install/check"]) assertProblem(await editor.post(`agents/ag_check/${path}`), 403, "not_allowed");
    const analyst = await memberOf(edge, { email: "analyst@example.com", agent: "ag_check", role: "analyst" });
    assertProblem(await analyst.post("agents/ag_check/check", { settings: {} }), 403, "not_allowed");
    const reader = new Holder(edge, await apiToken(edge, { agent: "ag_check", scopes: ["settings:read"] }));
    assertProblem(await reader.post("agents/ag_check/check", { settings: {} }), 403, "not_allowed");
  });
});

describe("a verdict on a sample answer", () => {
  const judge = async (sample) => {
    const answer = await owner.post("agents/ag_check/actions/verdict", sample);
    assert.equal(answer.status, 200, answer.text);
    return answer.json();
  };
  const answer = JSON.stringify({ success: true, data: { user_id: 42, token: "t", shops: [{ city: "Boulder" }] } });

  test("gives each expression's value, or why there is none", async () => {
    const verdict = await judge({
      status: 200, answer, success: "response.success == true", failure: "response.message",
      mapping: [{ name: "city", from: "data.shops[0].city" }, { name: "lost", from: "data.lost" }, { name: "broken", from: "data. " }],
    });
    assert.deepEqual(verdict.success, { is: "value", value: true });
    assert.equal(verdict.failure.is, "fault");
    const [city, lost, broken] = verdict.mapping;
    assert.deepEqual(city, { is: "value", value: "Boulder" });
    assert.match(lost.sentence, /nothing where the expression looks/);
    assert.equal(lost.at, undefined);
    assert.match(broken.sentence, /cannot be read/);
    assert.ok(broken.at >= 4 && broken.at <= 6, broken.at);
  });

  for (const [what, success, pattern] of [
    ["that does not compile", "response.success ==", /cannot be read/],
    ["that is no condition", "data.user_id", /true or false/],
    ["of regular expressions", "response.name.matches('(a+)+$')", /cannot be used here/],
    ["of a loop in a loop in a loop", "data.shops.all(a, data.shops.all(b, data.shops.all(c, true)))", /cannot be used here/],
    ["without end", `${"(".repeat(200)}true${")".repeat(200)}`, /nested too deeply/],
    ["of a megabyte's beginning", "a".repeat(2_000), /more than 500 characters/],
  ]) {
    test(`of a condition ${what} says so, soon`, async () => {
      const began = Date.now();
      const { success: found } = await judge({ status: 200, answer, success });
      assert.equal(found.is, "fault");
      assert.match(found.sentence, pattern);
      assert.ok(Date.now() - began < 3_000);
    });
  }

  test("keeps what may be kept alone, and shows no secret's name", async () => {
    const mapping = [{ name: "user_id", from: "data.user_id" }, { name: "token", from: "data.token" }, { name: "password", from: "data.token" }];
    const kept = await judge({ status: 200, answer, mapping, remembers: true });
    assert.deepEqual(kept.mapping.map(({ is }) => is), ["value", "value", "fault"]);
    const shown = await judge({ status: 200, answer, mapping });
    assert.deepEqual(shown.mapping.map(({ is }) => is), ["value", "fault", "fault"]);
    assert.deepEqual((await judge({ status: 200, answer: "<html>", remembers: true })).success, { is: "value", value: false });
  });

  test("is not given of what would not be read", async () => {
    for (const bad of ["x".repeat(262_145), "[".repeat(200) + "]".repeat(200)]) {
      const { errors } = assertProblem(await owner.post("agents/ag_check/actions/verdict", { status: 200, answer: bad }), 422, "invalid");
      assert.equal(errors[0].pointer, "/answer");
    }
    assertProblem(await owner.post("agents/ag_check/actions/verdict", { status: 200, answer: "x".repeat(1_200_000) }), 413, "too_large");
    assertProblem(await owner.post("agents/ag_check/actions/verdict", { status: -1, answer: "" }), 400, "bad_request");
    const big = JSON.stringify({ list: Array.from({ length: 20_000 }, (_, n) => n) });
    const mapping = Array.from({ length: 32 }, (_, n) => ({ name: `f${n}`, from: "list.filter(i, i > 5).map(i, i + 1)" }));
    const began = Date.now();
    assert.equal((await judge({ status: 200, answer: big, mapping })).mapping.length, 32);
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
  });
});

describe("a test run of an action that is not saved", () => {
  const tries = (action, given = {}) => owner.post("agents/ag_check/actions/trial", { action, ...given });

  test("sends what it says and shows what came of it", async () => {
    const trial = (await tries({ ...named("find_shop"), name: "brand_new" }, { values: { city: "Boulder" } })).json();
    assert.equal(trial.verdict, "succeeded");
    assert.equal(trial.request.url, `${company.url}/shops?city=Boulder`);
    assert.equal(trial.shows.shops[0].city, "Boulder");
    assert.ok((await edge.ledger("ag_check")).some(({ kind, detail }) => kind === "action_tried" && detail.action === "brand_new" && detail.outcome === "succeeded" && detail.host === "127.0.0.1"));
  });

  test("hides what of a made-up context is secret", async () => {
    const trial = (await tries(named("track_order"), { values: { order_number: "NW-1" }, context: { token: "made-up-token-1234" } }));
    assert.equal(company.requests[0].headers.authorization, "Bearer made-up-token-1234");
    assert.ok(!trial.text.includes("made-up-token-1234"), trial.text);
  });

  for (const url of [
    "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://metadata.google.internal/",
    "http://shop.com/", "https://127.0.0.1.nip.io/", "https://0x0a.1/", "https://user:pw@shop.com/", "https://shop.com:22/", "file:///etc/passwd",
  ]) {
    test(`is refused, and nothing is sent: ${url}`, async () => {
      const trial = (await tries({ ...named("find_shop"), url, parameters: [] })).json();
      assert.equal(trial.verdict, "not_made");
      assert.equal(trial.request, null);
      assert.ok(trial.faults.length > 0);
    });
  }

  test("of something that is no action says which field", async () => {
    const { errors } = assertProblem(await tries({ ...named("find_shop"), method: "TRACE" }), 422, "invalid");
    assert.deepEqual(errors.map(({ pointer }) => pointer), ["/action/method"]);
    assertProblem(await owner.post("agents/ag_check/actions/trial", { values: {} }), 400, "bad_request");
  });

  test("does not follow a redirect, and is not made a hammer of", async () => {
    company.next({ status: 302, headers: { location: `${company.url}/shops?city=Denver` }, body: {} });
    const trial = (await tries(named("find_shop"), { values: { city: "Boulder" } })).json();
    assert.equal(trial.status, 302);
    assert.equal(company.requests.length, 1);
    const answers = await Promise.all(Array.from({ length: 80 }, () => tries(named("find_shop"), { values: { city: "Boulder" } })));
    const refused = answers.filter(({ status }) => status !== 200);
    assert.ok(refused.length >= 20, `${refused.length} refused`);
    const problem = assertProblem(refused[0], 429, "too_often");
    assert.ok(problem.retry_after_s > 0);
    await edge.later(11 * 60_000);
  });
});
