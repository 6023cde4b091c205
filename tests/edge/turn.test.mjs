// A turn from question to answer: login in the middle, tools, and every way in which a model can fail (G1, G2, L1, L7, L8,
// C5, R13, R49, R59, R62).
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { agentWithModel, agent } from "../rig/agents.mjs";
import { Visitor, messageId, plain } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { calls, lastOf, says, shopAssistant, startOpenAi, toolsOf } from "../rig/players/openai.mjs";
import { startProcess } from "../rig/process.mjs";
import { until } from "../rig/wait.mjs";

const HOUR = 3_600_000;
let edge;
let model;

before(async () => {
  model = await startOpenAi();
  edge = await startEdge({
    model,
    agents: [agent(), agentWithModel(model), agentWithModel(model, "ag_noauth", { customer_auth: { ...agent().customer_auth, enabled: false } })],
  });
});
after(async () => {
  await edge?.stop();
  await model?.stop();
});
// The same people sign in again and again: far enough apart for the limits of mails to one address.
beforeEach(() => edge.later(3 * HOUR));
afterEach(() => {
  model.release();
  model.script = shopAssistant;
});

const newVisitor = (id = "ag_model") => new Visitor(edge, { agent: id });

describe("the blocked question", () => {
  test("is answered right after the login without being asked again", async () => {
    const visitor = newVisitor();
    const { line } = await visitor.signIn("ana@example.com", { question: "Where is my order?" });
    const answer = await line.until("the answer", (frame) => frame.type === "answer");
    assert.match(plain(answer.blocks), /NW-1001/);
    assert.equal(line.numbered.filter((frame) => frame.type === "message").length, 1, "the question was put twice");
    const types = line.numbered.map((frame) => (frame.type === "card" ? `card ${frame.card.step.at}` : frame.type === "state" ? `state ${frame.state}` : frame.type));
    const order = ["message", "card done", "state authenticated", "loaded", "answer"];
    assert.deepEqual(types.filter((type) => order.includes(type)), order);
    await visitor.leave();
  });

  test("is answered by the rehearsal model too", async () => {
    const visitor = newVisitor("ag_northwind");
    const { line } = await visitor.signIn("ana@example.com");
    const answer = await line.until("the answer", (frame) => frame.type === "answer" && /NW-100\d/.test(plain(frame.blocks)));
    assert.ok(!plain(answer.blocks).includes("NW-2001"));
    await visitor.leave();
  });

  test("keeps its call: the model gets the answer to the very call that it made", async () => {
    const visitor = newVisitor();
    const from = model.requests.length;
    const { line } = await visitor.signIn("ben@example.com");
    await line.until("the answer", (frame) => frame.type === "answer");
    const { body } = model.requests.at(-1);
    const call = body.messages.findLast((message) => message.role === "assistant" && message.tool_calls)?.tool_calls[0];
    assert.equal(call.function.name, "request_login");
    assert.equal(body.messages.find((message) => message.role === "tool" && message.tool_call_id === call.id) !== undefined, true);
    assert.deepEqual(model.requests.slice(from).flatMap((request) => request.complaints), []);
    await visitor.leave();
  });

  test("waits while the visitor asks something else beside the card", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const card = await visitor.askForCard(line);
    const beside = await line.ask("What is your return policy?");
    assert.equal(beside.type, "answer");
    const code = await visitor.codeFor(card, "ana@example.com");
    assert.equal((await visitor.verify(card, code)).status, 200);
    await line.closed;
    await visitor.arrive();
    const again = await visitor.connect();
    await again.until("the order's answer", (frame) => frame.type === "answer" && plain(frame.blocks).includes("NW-1001"));
    assert.deepEqual(model.complaints(), []);
    await visitor.leave();
  });

  test("that the visitor no longer wants ends with the card", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const card = await visitor.askForCard(line);
    assert.equal((await visitor.cancel(card)).status, 204);
    await line.until("the state", (frame) => frame.type === "state" && frame.state === "unidentified");
    await line.until("a word to it", (frame) => frame.type === "answer");
    assert.deepEqual(model.complaints(), []);
    await visitor.leave();
  });
});

describe("a code typed into the chat", () => {
  test("is handed back, and neither stored nor shown to the model", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const card = await visitor.askForCard(line);
    const code = await visitor.codeFor(card, "ana@example.com");
    for (const text of [code, `my code is ${code}`, `${code.slice(0, 3)} ${code.slice(3)}`, `${code.slice(0, 3)}-${code.slice(3)}!`, [...code].join(" ")]) {
      const id = messageId();
      line.send({ type: "message", id, text });
      const answer = await line.until("a word about it", (frame) => frame.id === id && ["ack", "refused"].includes(frame.type));
      assert.equal(answer.type, "refused", text.replaceAll(/\d/g, "#"));
      assert.equal(answer.code, "code_in_chat");
    }
    await line.ping();
    assert.ok(!JSON.stringify(line.frames).includes(code));
    assert.ok(!model.bytes().includes(code));
    assert.ok(!edge.logs().includes(code));
    assert.equal((await visitor.verify(card, code)).status, 200, "the code was spent");
    await visitor.leave();
  });

  test("is a number like any other when no card waits for one", async () => {
    const visitor = newVisitor();
    const line = await visitor.connect();
    const end = await line.ask("I bought item 482913, can I return it?");
    assert.equal(end.type, "answer");
    await visitor.leave();
  });
});

describe("the model's tools", () => {
  test("are none where customer auth is off", async () => {
    const visitor = newVisitor("ag_noauth");
    const line = await visitor.connect();
    const from = model.requests.length;
    const end = await line.ask("Where is my order?");
    assert.equal(end.type, "answer");
    for (const { body } of model.requests.slice(from)) assert.deepEqual(toolsOf(body), []);
    await visitor.leave();
  });

  test("that do not exist are answered with an error, and it goes on", async () => {
    model.script = (body) => (lastOf(body).role === "user" ? calls(["get_orders", { customer: "ben@example.com" }]) : says(`It said ${lastOf(body).content.length > 0}.`));
    const visitor = newVisitor();
    const line = await visitor.connect();
    const end = await line.ask("Show me Ben's orders");
    assert.match(plain(end.blocks), /It said true/);
    assert.ok(!model.requests.at(-1).raw.includes("NW-2001"));
    await visitor.leave();
  });

  test("called in a loop stop after eight rounds", async () => {
    let rounds = 0;
    model.script = () => {
      rounds += 1;
      return calls(["get_orders"]);
    };
    const visitor = newVisitor();
    const line = await visitor.connect();
    const end = await line.ask("Loop, please");
    assert.equal(end.type, "interrupted");
    assert.equal(end.reason, "too_many_rounds");
    assert.ok(rounds <= 9, `${rounds} requests`);
    await visitor.leave();
  });

  test("several at once are each answered", async () => {
    model.script = (body) => (lastOf(body).role === "user" ? calls(["one"], ["two"], ["three"]) : says("Done with three."));
    const visitor = newVisitor();
    const line = await visitor.connect();
    assert.match(plain((await line.ask("Three tools")).blocks), /Done/);
    assert.deepEqual(model.complaints(), []);
    await visitor.leave();
  });

  test("with arguments that are no JSON do no harm", async () => {
    model.script = (body) => (lastOf(body).role === "user" ? calls(["request_login", '{"reason": "brok']) : says("Fine."));
    const visitor = newVisitor();
    const line = await visitor.connect();
    const end = await line.ask("Where is my order?");
    assert.ok(["card", "answer"].includes(end.type), end.type);
    assert.deepEqual(model.complaints(), []);
    await visitor.leave();
  });

  test("asked for while signed in open no second card", async () => {
    const visitor = newVisitor();
    const { line } = await visitor.signIn("ana@example.com");
    await line.until("the answer", (frame) => frame.type === "answer");
    model.script = (body) => (lastOf(body).role === "user" ? calls(["request_login", { reason: "again" }]) : says("You are signed in."));
    const { seq } = await line.say("Sign me in again");
    const end = await line.ending(seq);
    assert.equal(end.type, "answer");
    await visitor.leave();
  });
});

describe("an answer", () => {
  test("streams, and what was streamed is what is stored", async () => {
    model.script = () => [{ text: "One " }, { text: "**two** " }, { hold: true }, { text: "three.\n\n- four" }, { finish: "stop" }];
    const visitor = newVisitor();
    const line = await visitor.connect();
    const { seq } = await line.say("Count");
    const delta = await line.until("the first words", (frame) => frame.type === "delta" && plain(frame.blocks).includes("two"));
    assert.ok(!line.frames.some((frame) => frame.type === "answer" && frame.seq > seq), "the answer was stored before its end");
    model.release();
    const answer = await line.ending(seq);
    assert.equal(answer.answer, delta.answer);
    assert.equal(plain(answer.blocks), "One two three.\nfour");
    const shown = [];
    for (const frame of line.frames.filter((one) => one.type === "delta" && one.answer === answer.answer)) shown.splice(frame.from, Infinity, ...frame.blocks);
    // The last words may come with the answer itself, which replaces what was shown.
    assert.ok(plain(answer.blocks).startsWith(plain(shown)), `${plain(shown)} was shown, ${plain(answer.blocks)} is stored`);
    await visitor.leave();
  });

  test("is joined in the middle by a page that comes late", async () => {
    model.script = () => [{ text: "Early words. " }, { hold: true }, { text: "Late words." }, { finish: "stop" }];
    const visitor = newVisitor();
    const line = await visitor.connect();
    const { seq } = await line.say("Slowly");
    await line.until("the first words", (frame) => frame.type === "delta");
    const late = await visitor.connect();
    const joined = await late.until("what was said so far", (frame) => frame.type === "delta");
    assert.equal(joined.from, 0);
    assert.match(plain(joined.blocks), /Early words/);
    model.release();
    assert.deepEqual(await late.ending(seq), await line.ending(seq));
    await visitor.leave();
  });

  test("never carries HTML or a link that runs", async () => {
    model.script = () => says('<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://ok.test/x) ![c](https://evil.test/p.png)');
    const visitor = newVisitor();
    const line = await visitor.connect();
    const end = await line.ask("Hostile");
    const links = JSON.stringify(end.blocks).match(/"href":"[^"]*"/g) ?? [];
    assert.ok(links.every((link) => /"href":"https:\/\/(ok|evil)\.test/.test(link)), `${links}`);
    assert.ok(end.blocks.every((block) => ["paragraph", "heading", "list", "code", "quote", "table", "rule"].includes(block.type)));
    await visitor.leave();
  });

  test("that is stopped keeps what was said and ends", async () => {
    model.script = () => [{ text: "Half of " }, { hold: true }, { text: "it." }, { finish: "stop" }];
    const visitor = newVisitor();
    const line = await visitor.connect();
    const { seq } = await line.say("Tell me a long story");
    await line.until("the first words", (frame) => frame.type === "delta");
    line.send({ type: "stop" });
    const partial = await line.until("the half answer", (frame) => frame.type === "answer" && frame.seq > seq);
    assert.equal(partial.partial, true);
    const end = await line.until("the interruption", (frame) => frame.type === "interrupted" && frame.seq > seq);
    assert.equal(end.reason, "stopped");
    model.release();
    model.script = shopAssistant;
    assert.equal((await line.ask("Hello?")).type, "answer");
    await visitor.leave();
  });

  test("to messages that came while another was written comes after it", async () => {
    model.script = () => [{ text: "First." }, { hold: true }, { finish: "stop" }];
    const visitor = newVisitor();
    const line = await visitor.connect();
    await line.say("One");
    await line.until("the first words", (frame) => frame.type === "delta");
    await line.say("Two");
    const third = await line.say("Three");
    model.script = (body) => says(`Heard ${body.messages.filter((message) => message.role === "user").length}.`);
    model.release();
    const end = await line.until("the second answer", (frame) => frame.type === "answer" && /Heard 3/.test(plain(frame.blocks)));
    assert.ok(end.seq > third.seq);
    await visitor.leave();
  });
});

describe("a model that fails leaves an interruption that can be tried again", () => {
  for (const [what, events] of [
    ["an error before the stream", () => [{ status: 500 }]],
    ["a limit", () => [{ status: 429, headers: { "retry-after": "30" } }]],
    ["an error that is no JSON", () => [{ status: 502, body: "<html>Bad gateway</html>" }]],
    ["a stream that is cut before its first word", () => [{ cut: true }]],
    ["a stream that is cut in a word", () => [{ text: "Half an ans" }, { cut: true }]],
    ["a stream that is cut in an event", () => [{ text: "Half" }, { raw: 'data: {"id":"x","choices":[{"ind' }, { cut: true }]],
    ["a stream that ends without an end", () => [{ text: "Half" }]],
    ["an event that is no JSON", () => [{ text: "Half" }, { raw: "data: {nonsense}\n\n" }]],
    ["an error inside the stream", () => [{ text: "Half" }, { raw: 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n' }]],
    ["an answer that is no stream", () => [{ raw: "<html>hello</html>" }]],
    ["a tool call that is cut", () => [{ raw: 'data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"request_login","arguments":"{\\"re"}}]}}]}\n\n' }, { cut: true }]],
  ]) {
    test(what, async () => {
      model.script = events;
      const visitor = newVisitor();
      const line = await visitor.connect();
      const { seq } = await line.say("Anything");
      const end = await line.until("the interruption", (frame) => frame.type === "interrupted" && frame.seq > seq, 70_000);
      assert.equal(end.reason, "failed");
      assert.ok(!/overloaded|Scripted|gateway|nonsense/.test(JSON.stringify(line.frames)), "the vendor's words reached the visitor");
      model.script = () => says("Here I am again.");
      line.send({ type: "retry" });
      const answer = await line.until("the answer", (frame) => frame.type === "answer" && frame.seq > end.seq);
      assert.match(plain(answer.blocks), /again/);
      assert.equal(line.numbered.filter((frame) => frame.type === "message").length, 1);
      await visitor.leave();
    });
  }

  test("and one that sends odd but lawful events is understood", async () => {
    model.script = () => [
      { raw: ": a comment\n\n" },
      { raw: 'data: {"id":"x","object":"","choices":[],"usage":null}\r\n\r\n' },
      { raw: 'event: message\nid: 1\ndata: {"id":"x","choices":[{"index":0,"delta":{"content":"Odd "},"finish_reason":null}],\ndata: "usage":null}\n\n' },
      { text: "but well." }, { finish: "stop" },
    ];
    const visitor = newVisitor();
    const line = await visitor.connect();
    assert.equal(plain((await line.ask("Odd?")).blocks).trim(), "Odd but well.");
    await visitor.leave();
  });
});

test("a turn that the edge's restart cut off ends, and can be tried again", async () => {
  model.script = () => [{ text: "Never " }, { hold: true }, { text: "ending." }, { finish: "stop" }];
  const visitor = newVisitor();
  const line = await visitor.connect();
  const { seq } = await line.say("Will you last?");
  await line.until("the first words", (frame) => frame.type === "delta");
  await edge.evict(visitor.conversation, "close");
  await line.closed;
  model.script = () => says("I am back.");
  const again = await visitor.connect();
  const end = await again.until("an end", (frame) => frame.seq > seq && ["interrupted", "answer"].includes(frame.type), 70_000);
  if (end.type === "interrupted") {
    again.send({ type: "retry" });
    await again.until("the answer", (frame) => frame.type === "answer" && /back/.test(plain(frame.blocks)));
  }
  await visitor.leave();
});

test("the model is stopped when nobody waits for its answer any longer", async () => {
  // In a process of its own: the harness takes every request of the edge through Node, which keeps such a line open.
  const alone = await startProcess({ model, agents: [agentWithModel(model)] });
  try {
    model.script = () => [{ text: "Long " }, { hold: true }, { text: "story." }, { finish: "stop" }];
    const visitor = new Visitor(alone, { agent: "ag_model" });
    const line = await visitor.connect();
    await line.say("Tell me a long story");
    await line.until("the first words", (frame) => frame.type === "delta");
    const request = model.requests.at(-1);
    line.send({ type: "stop" });
    await line.until("the interruption", (frame) => frame.type === "interrupted");
    await until("the model's connection to be closed", () => request.ended);
    await visitor.leave();
  } finally {
    await alone.stop();
  }
});
