// One conversation script, three models: the rehearsal model, one behind OpenAI's protocol and one behind Anthropic's. The
// two behind a protocol decide as the rehearsal model did where they read the same; whatever a protocol loses, bends or
// adds on the way makes them read something else. Then everything has to be equal: calls, requests at the company's API,
// cards, confirmations, results, transcript, audit trail (G1, G2, A8, R46).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { fromAnthropic, fromLog, fromOpenAi, keyOf } from "../rig/neutral.mjs";
import { modelLog } from "../rig/objects.mjs";
import { startAnthropic } from "../rig/players/anthropic.mjs";
import { startOpenAi } from "../rig/players/openai.mjs";
import { startProcess } from "../rig/process.mjs";
import { typed } from "../rig/stage.mjs";
import { until } from "../rig/wait.mjs";

const LAKE = "9 Lake Street, Boulder, CO 80301";
const RIVER = "14 River Road, Boulder, CO 80302";
const ODD = "Zoë's Café <b>&amp; Sons</b>, Straße 5 \\ 80331 München";

/**
 * What visitors write, what they do when asked, and what the model is to call. `login` is how they sign in, `confirm` whether
 * they say yes (neither yes nor no where it is missing), `api` what the company answers instead, `answers` how many there are.
 */
const SCRIPTS = {
  "somebody who signs in at the company": ({ order: order_number }) => [
    { says: "Is there a shop in Boulder?", calls: [["find_shop", { city: "Boulder" }]] },
    { says: "Is there a shop in Springfield?", calls: [["find_shop", { city: "Springfield" }]] },
    { says: `Track order ${order_number}`, login: "sign_in", calls: [["request_login", { reason: "to track an order" }], ["track_order", { order_number }]] },
    { says: `Change the delivery address of ${order_number} to ${LAKE}`, confirm: false, calls: [["change_delivery_address", { order_number, address: LAKE }]] },
    { says: `Change the delivery address of ${order_number} to ${LAKE}`, confirm: true, calls: [["change_delivery_address", { order_number, address: LAKE }]] },
    { says: `Please change the delivery address of ${order_number}`, calls: [] },
    { says: RIVER, confirm: true, calls: [["change_delivery_address", { order_number, address: RIVER }]] },
    { says: `Is there a shop in Portland and track order ${order_number}`, calls: [["find_shop", { city: "Portland" }], ["track_order", { order_number }]] },
    { says: `Change the delivery address of ${order_number} to 1 Elm`, confirm: true, calls: [["change_delivery_address", { order_number, address: "1 Elm" }]] },
  ],
  "somebody who signs in by email and has to prove more": ({ order: order_number }) => [
    { says: "Where is my order?", login: "email", calls: [["request_login"]] },
    { says: `Track order ${order_number}`, login: "sign_in", calls: [["track_order", { order_number }]] },
    { says: "Track order NW-1044", calls: [["track_order", { order_number: "NW-1044" }]] },
  ],
  "somebody who changes their mind": ({ order: order_number }) => [
    { says: `Track order ${order_number}`, login: "cancel", calls: [["request_login"]] },
    { says: `Is there a shop in Boulder and track order ${order_number}`, login: "sign_in", answers: 2, calls: [["find_shop", { city: "Boulder" }], ["request_login"], ["track_order", { order_number }]] },
    { says: `Change the delivery address of ${order_number} to "${ODD}"`, confirm: true, calls: [["change_delivery_address", { order_number, address: ODD }]] },
    { says: `Change the delivery address of ${order_number} to ${LAKE}`, calls: [["change_delivery_address", { order_number, address: LAKE }]] },
    { says: "What is your return policy?", calls: [] },
    { says: `Track order ${order_number}`, api: { status: 500, body: { success: false, message: "We are counting our stock." } }, calls: [["track_order", { order_number }]] },
    {
      says: `Track order NW-1044 and track order ${order_number} and is there a shop in "Zoë's 日本 🏕️"?`,
      calls: [["track_order", { order_number: "NW-1044" }], ["track_order", { order_number }], ["find_shop", { city: "Zoë's 日本 🏕️" }]],
    },
  ],
};

const PROTOCOLS = [
  { name: "OpenAI's protocol", id: "ag_openai", provider: "open_ai", start: startOpenAi, read: fromOpenAi, tools: ({ tools = [] }) => tools.map(({ function: { name, description, parameters } }) => ({ name, description, parameters })) },
  { name: "Anthropic's protocol", id: "ag_anthropic", provider: "anthropic", start: startAnthropic, read: fromAnthropic, tools: ({ tools = [] }) => tools.map(({ name, description, input_schema }) => ({ name, description, parameters: input_schema })) },
];

/** What the rehearsal model did after which conversation: `{before, text, calls}`. */
const decisions = [];
const people = new Map();
const runs = new Map();
let company;
let agents;
let edge;

/** A model that decides as the rehearsal model did, by what it reads in its own protocol. */
const decides = (read) => (body) => {
  const key = keyOf(read(body));
  const decision = decisions.find((one) => one.key === key);
  if (!decision) return [{ text: "The rehearsal model never read this." }, { finish: "stop" }];
  const made = decision.calls.map(([name, args]) => ({ call: { name, args } }));
  return [...(decision.text ? [{ text: decision.text }] : []), ...made, { finish: made.length > 0 ? "tool_calls" : "stop" }];
};

before(async () => {
  company = await startCompany();
  for (const one of PROTOCOLS) one.player = await one.start({ script: decides(one.read) });
  const [openAi, anthropic] = PROTOCOLS.map(({ player }) => player);
  agents = [
    agentWithActions(company, "ag_rehearsal"),
    ...PROTOCOLS.map(({ id, provider, player }) => agentWithActions(company, id, { model: { provider, base_url: player.url, model: "test-model" } })),
  ];
  edge = await startProcess({
    agents,
    secrets: { OPENAI_API_KEY: openAi.key, ANTHROPIC_API_KEY: anthropic.key },
  });
  for (const what of Object.keys(SCRIPTS)) people.set(what, company.enrol());
  runs.set("ag_rehearsal", await run("ag_rehearsal"));
  for (const { log } of runs.get("ag_rehearsal").talks) decisions.push(...decided(log));
  for (const { id } of PROTOCOLS) {
    // The same address gets no second mail in a minute, whoever asks; the company has forgotten what the run before did.
    await edge.later(3 * 3_600_000);
    company.later(3 * 3_600_000);
    // What went another way is shown by the tests, each for its part.
    runs.set(id, await run(id).catch((error) => ({ error })));
  }
});
after(async () => {
  await edge?.stop();
  for (const { player } of PROTOCOLS) await player?.stop();
  await company?.stop();
});

function decided(log) {
  return log.flatMap((message, at) => {
    if (message.role !== "assistant") return [];
    const read = fromLog(log.slice(0, at));
    return [{ read, key: keyOf(read), text: message.text, calls: message.calls.map(({ name, arguments: args }) => [name, args]) }];
  });
}

/** What came of a run that came to its end. */
function ran(agent) {
  const { error, ...all } = runs.get(agent);
  if (error) throw error;
  return all;
}

/** Runs every script with an agent, and gives all that came of it. */
async function run(agent) {
  company.asUsual();
  for (const { order } of people.values()) company.orders.find(({ number }) => number === order).address = "5 Mill Road, Boulder, CO 80302";
  company.effects.length = 0;
  const talks = [];
  for (const [what, script] of Object.entries(SCRIPTS)) talks.push(await talk(agent, people.get(what), script));
  const effects = company.effects.map(({ order, address, user_id, key }) => ({ order, address, user_id, keyed: Boolean(key) }));
  return { talks, effects, audit: await trail(agent, talks) };
}

async function talk(agent, who, script) {
  const visitor = new Visitor(edge, { agent });
  let line = await visitor.connect();
  const steps = [];
  const isEnd = (seq) => (frame) => frame.seq > seq && (frame.type === "answer" || frame.type === "interrupted"
    || (frame.type === "card" && frame.card.step.at === "address") || (frame.type === "confirm" && frame.confirm.step === "asked"));
  for (const { says, login, confirm, calls, api, answers = 1 } of script(who)) {
    const from = company.requests.length;
    const shown = [];
    if (api) company.next(api);
    let end = await line.ending((await line.say(says)).seq);
    // What is asked of the visitor, one after the other, until there is an answer.
    for (let asked = 0; asked < 3 && ["card", "confirm"].includes(end.type); asked += 1) {
      shown.push(unnamed(end[end.type]));
      if (end.type === "confirm" && confirm === undefined) break;
      if (end.type === "confirm") line.confirm(end.confirm.id, confirm);
      else if (login === "cancel") assert.equal((await visitor.cancel(end.card.id)).status, 204);
      else line = await signIn(visitor, line, end.card.id, who, login);
      const last = Math.max(end.seq, ...line.numbered.filter(({ type }) => type === "card").map(({ seq }) => seq));
      end = await line.until(`the end of "${says}"`, isEnd(last));
    }
    for (let more = 1; more < answers; more += 1) end = await line.until(`answer ${more + 1} to "${says}"`, isEnd(end.seq));
    await line.ping();
    steps.push({ says, end: end.type, left: end.type === "confirm" && confirm === undefined, shown, calls, requests: company.requests.slice(from).map(seenAtCompany).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) });
  }
  const { state } = (await visitor.visit()).json();
  const again = await visitor.sibling().connect();
  const transcript = again.numbered.map(({ seq, at, ...frame }) => unnamed(frame));
  await again.close();
  const log = await modelLog(edge, visitor.conversation);
  const { conversation } = visitor;
  await visitor.signOut();
  await visitor.leave();
  return { conversation, steps, state, transcript, log };
}

async function signIn(visitor, line, card, who, login) {
  if (login === "sign_in") return (await visitor.signInAt("sign_in", typed(who), { card })).line;
  assert.equal(login, "email", "a card that the script does not know of");
  assert.equal((await visitor.verify(card, await visitor.codeFor(card, who.email))).status, 200);
  await line.closed;
  await visitor.arrive();
  return visitor.connect();
}

/** Without what is made anew each time: ids of messages, cards and confirmations. */
function unnamed(frame) {
  const { id, card, confirm, ...rest } = frame;
  return { ...rest, ...(card && { card: unnamed(card) }), ...(confirm && { confirm: unnamed(confirm) }) };
}

const seenAtCompany = ({ method, path, json, headers, customer, answered }) => ({
  method, path, json, customer: customer?.user_name, answered, keyed: headers["idempotency-key"] !== undefined, signedIn: headers.authorization !== undefined,
});

/** The audit trail of the scripts, once all of it is there, but for how long calls took. Calls that ran side by side may end in any order. */
async function trail(agent, talks) {
  const names = new Map(talks.map(({ conversation }, index) => [conversation, `conversation ${index}`]));
  const records = await until("the sign-outs in the audit trail", async () => {
    const all = await edge.ledger(agent);
    return all.filter(({ kind }) => kind === "signed_out").length === talks.length && all;
  });
  return [...names].map(([conversation, name]) => records.filter((record) => record.conversation === conversation).map(({ kind, detail: { key, took, ...detail }, person }) => (
    { name, kind, detail, known: Boolean(person), keyed: Boolean(key), timed: Boolean(took) })).reduce((sorted, record) => {
    const swap = record.kind === "action_called" && sorted.at(-1)?.kind === "action_called" && keyOf(record) < keyOf(sorted.at(-1));
    return swap ? [...sorted.slice(0, -1), record, sorted.at(-1)] : [...sorted, record];
  }, []));
}

const callsIn = (log) => log.flatMap((message) => (message.role === "assistant" ? message.calls.map(({ name, arguments: args }) => [name, args]) : []));

test("the three agents differ in their model alone", () => {
  const [first, ...others] = agents.map(({ id, model, ...rest }) => rest);
  for (const other of others) assert.deepEqual(other, first);
  assert.deepEqual(agents.map(({ model }) => model.provider), ["rehearsal", "open_ai", "anthropic"]);
});

describe("the rehearsal model", () => {
  for (const [index, what] of Object.keys(SCRIPTS).entries()) {
    test(`calls what the script says, for ${what}`, () => {
      const { steps, log } = ran("ag_rehearsal").talks[index];
      const expected = steps.flatMap(({ calls }) => calls);
      assert.deepEqual(callsIn(log).map(([name, args], at) => [name, ...(expected[at]?.[1] ? [args] : [])]), expected);
      assert.deepEqual(steps.map(({ end }) => end), steps.map(({ left }) => (left ? "confirm" : "answer")));
      assert.equal(ran("ag_rehearsal").talks[index].state, "authenticated");
    });
  }

  test("meets everything that is to be compared: cards, confirmations, a failure, a change, two calls at once", () => {
    const { talks: [first, second, third], effects } = ran("ag_rehearsal");
    const [{ order, user_id }, , undecided] = people.values();
    assert.deepEqual(effects, [
      ...[LAKE, RIVER].map((address) => ({ order, address, user_id, keyed: true })), { order: undecided.order, address: ODD, user_id: undecided.user_id, keyed: true },
    ]);
    assert.deepEqual(first.steps.flatMap(({ shown }) => shown).map(({ title, details }) => details ?? title), [
      "Sign in to continue",
      ...[LAKE, LAKE, RIVER, "1 Elm"].map((address) => [{ label: "Order", value: order }, { label: "New address", value: address }]),
    ]);
    assert.deepEqual(second.steps.flatMap(({ shown }) => shown).map(({ methods }) => methods), [["email_code", "login_action"], ["login_action"]]);
    const told = fromLog(first.log).filter((one) => one.call).map(({ told: text }) => JSON.parse(text));
    assert.match(told[1].error, /We have no shop there/);
    assert.equal(told.filter(({ error }) => error === "The visitor said no.").length, 1);
    assert.match(told.at(-1).error, /must have a street/);
    assert.deepEqual(third.transcript.filter(({ type }) => type === "confirm").map(({ confirm: { step } }) => step), ["confirmed", "withdrawn"]);
    assert.ok(third.log.some(({ text, calls }) => text && calls?.length > 0), "no turn with both words and calls");
    assert.match(JSON.stringify(third.log), /closed the login card.*did not answer the confirmation.*counting our stock/);
    const kinds = ran("ag_rehearsal").audit.flat().map(({ kind }) => kind);
    for (const kind of ["login_succeeded", "stepped_up", "action_called", "action_confirmed", "action_declined", "login_cancelled", "signed_out"]) assert.ok(kinds.includes(kind), `${kind} in ${kinds}`);
  });
});

for (const protocol of PROTOCOLS) {
  const { name, id, read } = protocol;
  describe(`the same script through ${name}`, () => {
    const player = () => protocol.player;

    test("is read by the model as the rehearsal model read it, turn by turn", () => {
      assert.deepEqual(player().requests.map(({ body }) => read(body)), decisions.map((decision) => decision.read));
    });

    test("makes the same calls with the same arguments, and delivers the same results", () => {
      for (const [index, { log }] of ran("ag_rehearsal").talks.entries()) {
        assert.deepEqual(callsIn(ran(id).talks[index].log), callsIn(log));
        assert.deepEqual(fromLog(ran(id).talks[index].log), fromLog(log));
      }
    });

    test("asks the company's API for the same, for the same person, with the same effects", () => {
      for (const [index, { steps }] of ran("ag_rehearsal").talks.entries()) {
        assert.deepEqual(ran(id).talks[index].steps.map(({ says, requests }) => ({ says, requests })), steps.map(({ says, requests }) => ({ says, requests })));
      }
      assert.deepEqual(ran(id).effects, ran("ag_rehearsal").effects);
    });

    test("shows the same cards and confirmations, and the same transcript and state in the end", () => {
      for (const [index, { steps, transcript, state }] of ran("ag_rehearsal").talks.entries()) {
        const own = ran(id).talks[index];
        assert.deepEqual(own.steps.map(({ says, end, shown }) => ({ says, end, shown })), steps.map(({ says, end, shown }) => ({ says, end, shown })));
        assert.deepEqual(own.transcript, transcript);
        assert.equal(own.state, state);
      }
    });

    test("leaves the same audit trail", () => {
      assert.deepEqual(ran(id).audit, ran("ag_rehearsal").audit);
    });

    test("is as the vendor describes it, request by request", (t) => {
      assert.ok(player().requests.length > 0);
      assert.deepEqual(player().complaints(), []);
      if (!player().judged) t.diagnostic("the vendor's description is not here: its judgement is skipped");
    });
  });
}

test("both protocols offer the same tools at every turn, described alike", () => {
  const [openAi, anthropic] = PROTOCOLS.map(({ player, tools }) => player.requests.map(({ body }) => tools(body)));
  assert.deepEqual(anthropic, openAi);
  const names = openAi.map((list) => list.map(({ name }) => name));
  assert.ok(names.some((list) => !list.includes("change_delivery_address")) && names.some((list) => list.includes("change_delivery_address")));
});
