// The model's live check: one question to a model that is not saved, and what failed in words that help.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent, modelAt } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { Holder, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { says, startOpenAi } from "../rig/players/openai.mjs";

let edge;
let owner;
let player;
const PATH = "agents/ag_northwind/model/check";

before(async () => {
  player = await startOpenAi({ script: () => says("I am here.") });
  edge = await startEdge({ agents: [agent("ag_northwind")], model: player });
  owner = await ownerOf(edge);
});
after(async () => {
  await edge?.stop();
  await player?.stop();
});

const check = async (model) => {
  const response = await owner.post(PATH, { model });
  assert.equal(response.status, 200, response.text);
  return response.json();
};

test("an address that nothing may be sent to is refused before a key is, and so is a model without a name", async () => {
  const asked = player.requests.length;
  for (const base_url of ["http://10.0.0.1/v1", "https://169.254.169.254/latest", "ftp://api.example.com", "https://user:pass@api.example.com", "x", ""]) {
    const { errors } = assertProblem(await owner.post(PATH, { model: { provider: "open_ai", base_url, model: "m" } }), 422, "invalid");
    assert.equal(errors[0].pointer, "/model/base_url", base_url);
  }
  const { errors } = assertProblem(await owner.post(PATH, { model: { ...modelAt(player), model: " " } }), 422, "invalid");
  assert.equal(errors[0].pointer, "/model/model");
  assertProblem(await owner.post(PATH, { model: { provider: "magic" } }), 422, "invalid");
  assertProblem(await owner.post(PATH, {}), 400, "bad_request");
  assert.equal(player.requests.length, asked);
});

test("only who may change settings asks", async () => {
  const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_northwind", role: "editor" });
  assertProblem(await editor.post(PATH, { model: modelAt(player) }), 403, "not_allowed");
  // Nobody, and from no page of ours.
  assertProblem(await new Holder(edge).post(PATH, { model: modelAt(player) }), 403, "not_allowed");
});

test("a model that answers is heard, and the stand-in too", async () => {
  player.script = () => says("I am here.");
  const heard = await check(modelAt(player));
  assert.equal(heard.answered, true, heard.says);
  assert.match(heard.says, /I am here/);
  assert.ok(heard.took_ms >= 0 && heard.took_ms < 20_000);
  assert.equal((await check({ provider: "rehearsal" })).answered, true);
});

test("where the question goes is in the trail before it is sent, whatever comes of it", async () => {
  player.script = () => says("I am here.");
  for (const model of [modelAt(player), { provider: "open_ai", base_url: "http://localhost:1/v1", model: "m" }, { provider: "rehearsal" }]) await check(model);
  const noted = (await edge.ledger("ag_northwind")).filter(({ kind }) => kind === "model_checked").slice(-3);
  assert.deepEqual(noted.map(({ detail }) => detail.host), [new URL(player.url).hostname, "localhost", "this deployment"]);
  assert.ok(noted.every(({ detail }) => detail.by.length > 20));
});

test("what failed is said in words that help, and never with the key or the provider's own words", async () => {
  const faults = [[401, /key/], [403, /key/], [404, /does not know this model/], [402, /nothing left/], [400, /name may be wrong/]];
  for (const [status, words] of faults) {
    player.script = () => [{ status, body: JSON.stringify({ error: { message: "CANARY-PROVIDER" } }) }];
    const { answered, says: said } = await check(modelAt(player));
    assert.equal(answered, false);
    assert.match(said, words);
    assert.ok(!said.includes("CANARY") && !said.includes(player.key));
  }
  const { answered, says: said } = await check({ provider: "open_ai", base_url: "http://127.0.0.1:9", model: "m" });
  assert.equal(answered, false);
  assert.match(said, /No model answered|The provider failed/);
});
