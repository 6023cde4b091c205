// One script through OpenAI's protocol and through Anthropic's: answers, calls, refusals, limits, and what is tried again
// (G1, G2, R59, R62).
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor, plain } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { startAnthropic } from "../rig/players/anthropic.mjs";
import { startOpenAi } from "../rig/players/openai.mjs";
import { edgeWithAi, startWorkersAi } from "../rig/players/workers_ai.mjs";
import { calls, lastOf, messagesOf, refuses, says, shopAssistant, toolsOf } from "../rig/players/script.mjs";
import { startProcess } from "../rig/process.mjs";
import { until } from "../rig/wait.mjs";

const PROTOCOLS = [
  { name: "OpenAI's protocol", id: "ag_openai", start: startOpenAi, model: (player) => ({ provider: "open_ai", base_url: player.url, model: "test-model" }) },
  { name: "Anthropic's protocol", id: "ag_anthropic", start: startAnthropic, model: (player) => ({ provider: "anthropic", base_url: player.url, model: "test-model" }) },
];

const players = new Map();
let edge;
let settings;

before(async () => {
  for (const { id, start } of PROTOCOLS) players.set(id, await start());
  settings = {
    agents: PROTOCOLS.map(({ id, model }) => agent(id, { model: model(players.get(id)) })),
    secrets: { OPENAI_API_KEY: players.get("ag_openai").key, ANTHROPIC_API_KEY: players.get("ag_anthropic").key },
  };
  edge = await startEdge(settings);
});
after(async () => {
  await edge?.stop();
  for (const player of players.values()) await player.stop();
});
afterEach(() => {
  for (const player of players.values()) {
    player.release();
    player.script = shopAssistant;
  }
});

/** The chunks of an answer that is cut in the middle of an event, in either protocol. */
const half = { raw: 'data: {"type":"content_block_delta","choices":[{"ind' };

for (const { name, id } of PROTOCOLS) {
  const player = () => players.get(id);
  const asked = async (script, text = "Anything") => {
    player().script = script;
    const visitor = new Visitor(edge, { agent: id });
    const line = await visitor.connect();
    const from = player().requests.length;
    const { seq } = await line.say(text);
    const end = await line.ending(seq);
    return { visitor, line, end, requests: player().requests.slice(from) };
  };

  describe(name, () => {
    test("streams an answer, and every request is as the vendor describes it", async (t) => {
      const { visitor, line, end, requests } = await asked(() => [{ text: "One " }, { wait: 80 }, { text: "two " }, { wait: 80 }, { text: "**three**." }, { finish: "stop" }]);
      assert.equal(end.type, "answer");
      assert.equal(plain(end.blocks), "One two three.");
      assert.ok(line.frames.some((frame) => frame.type === "delta" && !plain(frame.blocks).includes("three")), "nothing was shown before the end");
      assert.equal(requests.length, 1);
      assert.deepEqual(player().complaints(), []);
      if (!player().judged) t.diagnostic("the vendor's description is not here: its judgement is skipped");
      await visitor.leave();
    });

    test("several calls at once are each answered right after, with their own ids", async () => {
      const { visitor, end, requests } = await asked((body) => (lastOf(body).role === "user" ? calls(["one", { a: 1 }], ["two"], ["three", { deep: { list: [1, "x"] } }]) : says("Done with three.")));
      assert.match(plain(end.blocks), /Done with three/);
      assert.deepEqual(player().complaints(), []);
      const told = messagesOf(requests.at(-1).body);
      assert.deepEqual(told.find((message) => message.calls.length > 0).calls.map((call) => [call.name, call.args]), [["one", { a: 1 }], ["two", {}], ["three", { deep: { list: [1, "x"] } }]]);
      assert.equal(told.filter((message) => message.role === "tool").length, 3);
      await visitor.leave();
    });

    test("a login in the middle is asked for and the question answered with the person's data", async () => {
      const visitor = new Visitor(edge, { agent: id });
      const { line } = await visitor.signIn("ana@example.com");
      const answer = await line.until("the answer", (frame) => frame.type === "answer");
      assert.match(plain(answer.blocks), /NW-1001/);
      assert.deepEqual(player().complaints(), []);
      assert.ok(player().requests.some((request) => toolsOf(request.body).includes("request_login")));
      await edge.later(3 * 3_600_000);
      await visitor.leave();
    });

    test("a limit with Retry-After is waited for, then tried again", async () => {
      let failed = 0;
      const { visitor, end, requests } = await asked(() => {
        failed += 1;
        return failed === 1 ? [{ status: 429, headers: { "retry-after": "1" } }] : says("There I am.");
      });
      assert.equal(plain(end.blocks), "There I am.");
      assert.equal(requests.length, 2);
      assert.ok(requests[1].at - requests[0].at >= 1_000, `again after ${requests[1].at - requests[0].at} ms`);
      assert.equal(requests[0].raw, requests[1].raw);
      await visitor.leave();
    });

    test("a limit with a date is waited for", async () => {
      let failed = 0;
      const { visitor, end, requests } = await asked(() => {
        failed += 1;
        return failed === 1 ? [{ status: 503, headers: { "retry-after": new Date(Date.now() + 2_500).toUTCString() } }] : says("There.");
      });
      assert.equal(plain(end.blocks), "There.");
      // A date has whole seconds, and this edge's clock may be ahead of ours.
      assert.equal(requests.length, 2);
      await visitor.leave();
    });

    test("an overloaded provider, a lost connection and a gateway are tried again", async () => {
      for (const fault of [{ status: 529 }, { drop: true }, { status: 502, body: "<html>Bad gateway</html>" }]) {
        let failed = 0;
        const { visitor, end, requests } = await asked(() => {
          failed += 1;
          return failed <= 2 ? [fault] : says("There I am.");
        });
        assert.equal(end.type, "answer", JSON.stringify(fault));
        assert.equal(requests.length, 3, JSON.stringify(fault));
        await visitor.leave();
      }
    });

    for (const [what, events, requests] of [
      ["three errors", () => [{ status: 500 }], 3],
      ["a limit that lasts longer than a visitor waits", () => [{ status: 429, headers: { "retry-after": "30" } }], 1],
      ["a refused request", () => [{ status: 403 }], 1],
      ["a stream that is cut before its first word", () => [{ cut: true }], 1],
      ["a stream that is cut in an event", () => [{ text: "Half" }, half, { cut: true }], 1],
      ["a stream that ends without an end", () => [{ text: "Half" }], 1],
      ["an error inside the stream", () => [{ text: "Half" }, { error: "overloaded_error" }], 1],
      ["an event that is no JSON", () => [{ text: "Half" }, { raw: "data: {nonsense}\n\n" }], 1],
      ["an event that never ends", () => [{ text: "Half" }, { raw: `data: ${"x".repeat(1_200_000)}` }], 1],
      ["an answer without end", () => [...Array.from({ length: 400 }, () => ({ text: "word ".repeat(200) })), { finish: "stop" }], 1],
    ]) {
      test(`${what}: interrupted, and answered when tried again`, async () => {
        const { visitor, line, end, requests: made } = await asked(events);
        const stopped = end.type === "interrupted" ? end : await line.until("the interruption", (frame) => frame.type === "interrupted");
        assert.equal(stopped.reason, "failed");
        assert.equal(made.length, requests);
        assert.ok(!/overloaded|Scripted|nonsense|gateway/.test(JSON.stringify(line.frames)), "the vendor's words reached the visitor");
        player().script = () => says("Here I am again.");
        line.send({ type: "retry" });
        const answer = await line.until("the answer", (frame) => frame.type === "answer" && frame.seq > stopped.seq);
        assert.match(plain(answer.blocks), /again/);
        assert.deepEqual(player().complaints(), []);
        await visitor.leave();
      });
    }

    test("nothing is asked again once a word was shown", async () => {
      const { visitor, line, end, requests } = await asked(() => [{ text: "Half " }, { wait: 200 }, { cut: true }]);
      assert.ok(["answer", "interrupted"].includes(end.type));
      await line.until("the interruption", (frame) => frame.type === "interrupted");
      assert.equal(requests.length, 1);
      await visitor.leave();
    });

    test("a refusal ends the turn, and the chat goes on", async () => {
      const { visitor, line, end } = await asked(() => refuses("I cannot help with that."));
      assert.equal(end.type, "answer");
      assert.match(plain(end.blocks), /I cannot help/);
      player().script = () => says("Gladly.");
      assert.match(plain((await line.ask("Something else")).blocks), /Gladly/);
      assert.deepEqual(player().complaints(), []);
      await visitor.leave();
    });

    test("a refusal without a word ends the turn too", async () => {
      const { visitor, line, end } = await asked(() => [{ finish: "content_filter" }]);
      assert.ok(["answer", "interrupted"].includes(end.type), end.type);
      player().script = () => says("Gladly.");
      assert.match(plain((await line.ask("Something else")).blocks), /Gladly/);
      assert.deepEqual(player().complaints(), []);
      await visitor.leave();
    });

    test("an answer that reaches its limit is shown and makes no half calls", async () => {
      const { visitor, line, end, requests } = await asked(() => [{ text: "This is long and " }, { call: { name: "request_login", args: '{"reas' } }, { finish: "length" }]);
      assert.equal(end.type, "answer");
      assert.match(plain(end.blocks), /This is long and/);
      assert.equal(requests.length, 1);
      assert.ok(!line.frames.some((frame) => frame.type === "card"));
      await visitor.leave();
    });

    test("an answer that is not streamed is understood", async () => {
      const { visitor, end, requests } = await asked((body) => [{ whole: true }, ...(lastOf(body).role === "user" ? calls(["one", { a: 1 }]) : says("Whole words."))]);
      assert.equal(plain(end.blocks), "Whole words.");
      assert.equal(requests.length, 2);
      await visitor.leave();
    });

    test("stopped by the visitor, it keeps what was said", async () => {
      player().script = () => [{ text: "Half of " }, { hold: true }, { text: "it." }, { finish: "stop" }];
      const visitor = new Visitor(edge, { agent: id });
      const line = await visitor.connect();
      const { seq } = await line.say("Tell me a long story");
      await line.until("the first words", (frame) => frame.type === "delta");
      line.send({ type: "stop" });
      const partial = await line.until("the half answer", (frame) => frame.type === "answer" && frame.seq > seq);
      assert.equal(partial.partial, true);
      const end = await line.until("the interruption", (frame) => frame.type === "interrupted" && frame.seq > seq);
      assert.equal(end.reason, "stopped");
      await visitor.leave();
    });
  });
}

test("a provider that refuses a field is asked again without it", async () => {
  const player = players.get("ag_openai");
  const refusal = (message, param) => [{ status: 400, body: JSON.stringify({ error: { message, type: "invalid_request_error", param, code: "unsupported_parameter" } }) }];
  player.script = (body) => {
    if ("stream_options" in body) return refusal("Unknown parameter: 'stream_options'.", "stream_options");
    if ("max_tokens" in body) return refusal("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "max_tokens");
    return says("With the fields I know.");
  };
  const visitor = new Visitor(edge, { agent: "ag_openai" });
  const line = await visitor.connect();
  const from = player.requests.length;
  assert.match(plain((await line.ask("Fields?")).blocks), /fields I know/);
  assert.equal(player.requests.length - from, 3);
  await visitor.leave();
});

test("no word of a provider's error is in the log", () => {
  assert.ok(!/Scripted fault|Unsupported parameter|nonsense|Bad gateway/.test(edge.logs()));
  assert.match(edge.logs(), /model_failed/);
});

test("the same script makes the same calls through both protocols", async () => {
  const seen = [];
  for (const { id } of PROTOCOLS) {
    const player = players.get(id);
    const from = player.requests.length;
    const visitor = new Visitor(edge, { agent: id });
    const { line } = await visitor.signIn("ben@example.com");
    await line.until("the answer", (frame) => frame.type === "answer");
    seen.push(player.requests.slice(from).map((request) => messagesOf(request.body).filter((message) => message.role !== "system")
      .map((message) => [message.role, message.content, message.calls.map((call) => [call.name, call.args])])));
    await visitor.leave();
    await edge.later(3 * 3_600_000);
  }
  assert.deepEqual(seen[0], seen[1]);
});

test("a request is ended at the provider when the visitor stops it, before and after its first word", async () => {
  // In a process of its own: the harness takes every request of the edge through Node, which keeps such a line open.
  const alone = await startProcess(settings);
  try {
    for (const { id } of PROTOCOLS) {
      const player = players.get(id);
      for (const script of [() => [{ text: "Long " }, { hold: true }, { finish: "stop" }], () => new Promise(() => {})]) {
        player.script = script;
        const visitor = new Visitor(alone, { agent: id });
        const line = await visitor.connect();
        const from = player.requests.length;
        await line.say("Tell me a long story");
        const request = await player.request(from + 1);
        if (script().length) await line.until("the first words", (frame) => frame.type === "delta");
        line.send({ type: "stop" });
        await line.until("the interruption", (frame) => frame.type === "interrupted");
        await until("the model's connection to be closed", () => request.ended);
        player.release();
        await visitor.leave();
      }
    }
    assert.ok(!/AbortError|Unhandled|uncaught/i.test(alone.logs()), alone.logs());
  } finally {
    await alone.stop();
  }
});

test("a redirect is not followed: the key and the conversation stay with the provider that was set", async () => {
  // In a process of its own: the harness's Node follows redirects by itself.
  const other = await startOpenAi();
  const alone = await startProcess(settings);
  try {
    for (const { id } of PROTOCOLS) {
      const player = players.get(id);
      player.script = () => [{ status: 307, headers: { location: `${other.url}/chat/completions` } }];
      const visitor = new Visitor(alone, { agent: id });
      const line = await visitor.connect();
      const from = player.requests.length;
      assert.equal((await line.ask("Anything")).type, "interrupted");
      assert.equal(player.requests.length - from, 1);
      assert.equal(other.requests.length, 0);
      await visitor.leave();
    }
  } finally {
    await alone.stop();
    await other.stop();
  }
});

describe("Workers AI's binding", () => {
  let alone;
  let ai;
  let main;
  before(async () => {
    ai = await startWorkersAi();
    main = await edgeWithAi(ai);
    alone = await startProcess({
      main,
      agents: [agent("ag_ai", { model: { provider: "workers_ai", model: "@cf/test/model" } })],
    });
  });
  after(async () => {
    await alone?.stop();
    await ai?.stop();
    if (main) await rm(path.dirname(main), { recursive: true, force: true });
  });
  const asked = async (script) => {
    ai.script = script;
    const visitor = new Visitor(alone, { agent: "ag_ai" });
    const line = await visitor.connect();
    const from = ai.requests.length;
    const end = await line.ask("Anything");
    return { visitor, line, end, requests: ai.requests.slice(from) };
  };

  test("streams answers and calls, with arguments as objects", async () => {
    const { visitor, end, requests } = await asked((body) => (lastOf(body).role === "user" ? calls(["one", { a: [1, { b: 2 }] }], ["two"]) : says("Done with 30 days.")));
    assert.equal(plain(end.blocks), "Done with 30 days.");
    assert.deepEqual(messagesOf(requests[1].body).find((message) => message.calls.length > 0).calls.map((call) => [call.name, call.args]), [["one", { a: [1, { b: 2 }] }], ["two", {}]]);
    assert.equal(requests[0].headers["x-model"], "@cf/test/model");
    assert.deepEqual(ai.complaints(), []);
    await visitor.leave();
  });

  test("gives whole answers too", async () => {
    const { visitor, end } = await asked(() => [{ whole: true }, ...says("Whole words.")]);
    assert.equal(plain(end.blocks), "Whole words.");
    await visitor.leave();
  });

  test("is asked again when it has no capacity, and for nothing else", async () => {
    let failed = 0;
    const busy = await asked(() => {
      failed += 1;
      return failed === 1 ? [{ status: 500, body: "3040: Capacity temporarily exceeded, please try again." }] : says("There.");
    });
    assert.equal(plain(busy.end.blocks), "There.");
    assert.equal(busy.requests.length, 2);
    const unknown = await asked(() => [{ status: 400, body: "5007: No such model CANARY" }]);
    assert.equal(unknown.end.type, "interrupted");
    assert.equal(unknown.requests.length, 1);
    assert.ok(!alone.logs().includes("CANARY"));
    const cut = await asked(() => [{ text: "Half" }, { cut: true }]);
    await cut.line.until("the interruption", (frame) => frame.type === "interrupted");
    for (const { visitor } of [busy, unknown, cut]) await visitor.leave();
  });

  test("that is missing is said in the log, and the visitor may try again", async () => {
    const without = await startProcess({ agents: [agent("ag_ai", { model: { provider: "workers_ai", model: "@cf/test/model" } })] });
    try {
      const visitor = new Visitor(without, { agent: "ag_ai" });
      const line = await visitor.connect();
      assert.equal((await line.ask("Anything")).type, "interrupted");
      assert.match(without.logs(), /no binding AI/);
      await visitor.leave();
    } finally {
      await without.stop();
    }
  });
});
