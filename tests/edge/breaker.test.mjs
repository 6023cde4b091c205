// So many wrong codes that somebody sprays over identities: the agent's codes get longer and rarer until the day ends (R9).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { codeNumber } from "../rig/inbox.mjs";
import { employee, lookUp, lookupAuth, staff } from "../rig/lookup.mjs";
import { openChallenge, wrongCodes } from "../rig/race.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { spray } from "../rig/spray.mjs";
import { until } from "../rig/wait.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let edge;

before(async () => {
  edge = await startEdge({
    agents: [agent("ag_northwind", { auth: lookupAuth({}, { methods: ["email_code", "collection_lookup"] }) }), agent("ag_other")],
    collections: staff([employee("E-1001")]),
  });
  // Early in a day (UTC): the alarm ends with it.
  await edge.later(DAY - (Date.now() % DAY) + 60_000);
});
after(() => edge?.stop());

const alarms = async (id) => (await edge.ledger(id)).filter(({ kind }) => kind === "guessing_alarm");

test("five hundred wrong codes of a day are usual, and one more raises the alarm, once", async () => {
  const owner = new Visitor(edge);
  await owner.signIn("owner@example.com");
  await spray(edge, { from: 0, identities: 100, guesses: 5 });
  const before = await openChallenge(edge, "usual@example.com");
  assert.equal(before.code.length, 6);
  assert.equal((await alarms("ag_northwind")).length, 0);

  const { visitor, card, code } = await openChallenge(edge, "oneMore@example.com".toLowerCase());
  assertRefused(await visitor.verify(card, wrongCodes(code, 1)[0]), 422, "code_not_accepted");
  await until("the alarm in the ledger", async () => (await alarms("ag_northwind")).length === 1);
  assert.match(edge.logs(), /guessing_alarm/);
  assertRefused(await visitor.verify(card, wrongCodes(code, 2)[1]), 422, "code_not_accepted");

  const later = await openChallenge(edge, "later@example.com");
  assert.equal(later.code.length, 8, "codes are as short as before");
  assert.equal((await later.visitor.verify(later.card, later.code)).status, 200, "nobody can sign in any more");
  assert.equal((await openChallenge(edge, "later@example.com", { agent: "ag_other" })).code.length, 6, "another agent pays for it");
  assert.equal((await alarms("ag_northwind")).length, 1);

  // Look-ups too.
  const looking = new Visitor(edge);
  const id = await looking.askForCard(await looking.connect());
  const started = await lookUp(looking, id, "E-1001");
  assert.equal(started.json().card.step.digits, 8);
  assert.equal((await codeNumber(edge, "e-1001@staff.example")).length, 8);
  for (const one of [owner, before.visitor, visitor, later.visitor, looking]) await one.leave();
});

test("while it is on a network gets five codes an hour", async () => {
  const statuses = [];
  for (let index = 0; index < 7; index += 1) {
    const visitor = new Visitor(edge, { address: "203.0.113.50" });
    const card = await visitor.askForCard(await visitor.connect());
    statuses.push((await visitor.start(card, `slow${index}@example.com`)).status);
    await visitor.leave();
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
});

test("a browser that proved the address before still signs in, with a longer code", async () => {
  const owner = new Visitor(edge, { address: "203.0.113.50" });
  const known = new Visitor(edge);
  await known.signIn("friend@example.com");
  await edge.later(120_000);
  owner.cookies.set("__Host-csk_ag_northwind", known.cookies.get("__Host-csk_ag_northwind"));
  const card = await owner.askForCard(await owner.connect());
  const code = await owner.codeFor(card, "friend@example.com");
  assert.equal(code.length, 8);
  assert.equal((await owner.verify(card, code)).status, 200);
  for (const one of [owner, known]) await one.leave();
});

test("it ends with the day", async () => {
  await edge.later(DAY);
  const { visitor, code } = await openChallenge(edge, "tomorrow@example.com");
  assert.equal(code.length, 6);
  assert.equal((await alarms("ag_northwind")).length, 1);
  await visitor.leave();
});
