// What a model may use: tokens of a turn, of a conversation and of the agent's day, rounds of tools, calls of one answer.
// Whoever reaches an end is told so, and the model is asked no more (R59).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions } from "../rig/agents.mjs";
import { Visitor, plain } from "../rig/client.mjs";
import { fromAnthropic, fromOpenAi } from "../rig/neutral.mjs";
import { startAnthropic } from "../rig/players/anthropic.mjs";
import { startOpenAi } from "../rig/players/openai.mjs";
import { calls, says } from "../rig/players/script.mjs";
import { startProcess } from "../rig/process.mjs";
import { until } from "../rig/wait.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAY_TOKENS = 6_000;
const LIMITS = {
  free: {},
  turn: { turn_tokens: 1_000 },
  thrifty: { turn_tokens: 2_500 },
  talk: { conversation_tokens: 1_000 },
  roomy: { conversation_tokens: 4_000 },
  day: { day_tokens: DAY_TOKENS },
  busy: { day_tokens: DAY_TOKENS },
  stopped: { day_tokens: DAY_TOKENS },
};

const data = (value) => `data: ${JSON.stringify(value)}\n\n`;
const PROTOCOLS = [
  {
    name: "OpenAI's protocol", prefix: "ag_o", provider: "open_ai", start: startOpenAi, read: fromOpenAi,
    /** The end of an answer that cost so much in all; `nth` is its number at the player. */
    end(tokens) {
      const usage = { prompt_tokens: tokens - 10, completion_tokens: 10, total_tokens: tokens };
      const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_790_000_000, model: "test-model" };
      return (reason) => data({ ...chunk, choices: [{ index: 0, delta: {}, finish_reason: reason }] }) + data({ ...chunk, choices: [], usage }) + "data: [DONE]\n\n";
    },
  },
  {
    name: "Anthropic's protocol", prefix: "ag_a", provider: "anthropic", start: startAnthropic, read: fromAnthropic,
    end(tokens, nth) {
      const reasons = { stop: "end_turn", tool_calls: "tool_use" };
      // The player has said `100 + nth` for the request at the beginning; the answer's share comes at the end.
      return (reason) => data({ type: "content_block_stop", index: 0 })
        + data({ type: "message_delta", delta: { stop_reason: reasons[reason], stop_sequence: null }, usage: { output_tokens: tokens - 100 - nth } }) + data({ type: "message_stop" });
    },
  },
];

let company;
let edge;

before(async () => {
  company = await startCompany();
  for (const one of PROTOCOLS) one.player = await one.start();
  const [openAi, anthropic] = PROTOCOLS.map(({ player }) => player);
  edge = await startProcess({
    agents: PROTOCOLS.flatMap(({ prefix, provider, player }) => Object.entries(LIMITS).map(([name, limits]) => (
      agentWithActions(company, `${prefix}_${name}`, { limits, model: { provider, base_url: player.url, model: "test-model" } })))),
    secrets: { OPENAI_API_KEY: openAi.key, ANTHROPIC_API_KEY: anthropic.key },
  });
  // A day (UTC) has its own budget: none of these tests may lie across midnight by chance.
  await edge.later(DAY - (Date.now() % DAY) + 15 * HOUR);
});
after(async () => {
  await edge?.stop();
  for (const { player } of PROTOCOLS) await player?.stop();
  await company?.stop();
});
afterEach(() => {
  for (const { player } of PROTOCOLS) player.release();
  company.asUsual();
  company.requests.length = 0;
});

for (const protocol of PROTOCOLS) {
  const { name, prefix, read, end } = protocol;
  const player = () => protocol.player;
  const newVisitor = (kind) => new Visitor(edge, { agent: `${prefix}_${kind}` });
  /** The same events with the provider's own count at their end. */
  const costs = (tokens, nth, events) => [...events.slice(0, -1), { raw: end(tokens, nth)(events.at(-1).finish) }];
  /** Calls an action in every answer, another one each time, and never comes to an end. */
  const loops = (tokens) => (body, nth) => costs(tokens, nth, calls(["find_shop", { city: `City ${nth}` }]));
  const speaks = (tokens) => (body, nth) => costs(tokens, nth, says("Gladly."));
  const asked = async (work) => {
    const from = player().requests.length;
    await work();
    return player().requests.length - from;
  };
  /** Asks, and insists that the turn ends for want of tokens and that the model is not asked. */
  const isOver = async (line, text = "And now?") => {
    const count = await asked(async () => {
      const { seq } = await line.say(text);
      const over = await line.ending(seq);
      assert.equal(over.type, "interrupted", JSON.stringify(over));
      assert.equal(over.reason, "out_of_budget");
      await line.ping();
    });
    assert.equal(count, 0, "the model was asked");
  };

  describe(`through ${name}`, () => {
    test("a turn ends when it has used its tokens; the next one has its own", async () => {
      player().script = loops(400);
      const visitor = newVisitor("turn");
      const line = await visitor.connect();
      for (let turn = 0; turn < 2; turn += 1) {
        company.requests.length = 0;
        const count = await asked(async () => {
          const over = await line.ask(`Look everywhere, ${turn}`);
          assert.equal(over.reason, "out_of_budget", JSON.stringify(over));
        });
        // 0, 400 and 800 are less than 1,000; 1,200 is not.
        assert.equal(count, 3);
        assert.equal(company.asked(/shops/).length, 3);
      }
      player().script = speaks(400);
      assert.equal(plain((await line.ask("Enough.")).blocks), "Gladly.");
      assert.deepEqual(player().complaints(), []);
      await visitor.leave();
    });

    test("a turn ends after eight rounds, whatever they cost", async () => {
      player().script = loops(1_120);
      const visitor = newVisitor("free");
      const line = await visitor.connect();
      const count = await asked(async () => {
        const over = await line.ask("Look everywhere");
        assert.equal(over.type, "interrupted");
        assert.equal(over.reason, "too_many_rounds");
        await line.ping();
      });
      assert.equal(count, 8);
      assert.equal(company.asked(/shops/).length, 8);
      player().script = speaks(400);
      assert.equal((await line.ask("Enough.")).type, "answer");
      await visitor.leave();
    });

    test("what counts is what the provider says, not what was guessed", async () => {
      player().script = (body, nth) => costs(101 + nth, nth, calls(["find_shop", { city: `City ${nth}` }]));
      const visitor = newVisitor("thrifty");
      const line = await visitor.connect();
      const from = player().requests.length;
      assert.equal((await line.ask("Look everywhere")).reason, "too_many_rounds");
      const made = player().requests.slice(from);
      assert.equal(made.length, 8);
      // By their size they would not have fitted into the turn.
      const guessed = made.reduce((all, { raw }) => all + Math.floor(raw.length / 4), 0);
      assert.ok(guessed > 2 * LIMITS.thrifty.turn_tokens, `${guessed}`);
      await visitor.leave();
    });

    test("a conversation ends when it has used its tokens, and trying again asks nobody; another one goes on", async () => {
      player().script = speaks(400);
      const visitor = newVisitor("talk");
      const line = await visitor.connect();
      for (const text of ["One", "Two", "Three"]) assert.equal((await line.ask(text)).type, "answer");
      await isOver(line);
      await isOver(line, "Please!");
      const before = line.lastSeq;
      const count = await asked(async () => {
        line.send({ type: "retry" });
        const again = await line.until("the interruption", (frame) => frame.seq > before && ["answer", "interrupted"].includes(frame.type));
        assert.equal(again.reason, "out_of_budget");
        await line.ping();
      });
      assert.equal(count, 0);
      await edge.later(12 * HOUR);
      await isOver(line, "Tomorrow?");
      await edge.later(12 * HOUR);
      const other = newVisitor("talk");
      assert.equal((await (await other.connect()).ask("One")).type, "answer");
      for (const one of [visitor, other]) await one.leave();
    });

    test("a day's tokens are the agent's, over all its conversations; no other agent's, and not the next day's", async () => {
      player().script = speaks(2_000);
      let answers = 0;
      for (let n = 0; n < 6; n += 1) {
        const visitor = newVisitor("day");
        const line = await visitor.connect();
        const told = await line.ask("Hello?");
        if (told.type === "interrupted") {
          assert.equal(told.reason, "out_of_budget");
          await isOver(line);
        } else {
          assert.equal(answers, n, "answered after the end of the day's tokens");
          answers += 1;
        }
        await visitor.leave();
      }
      assert.ok(answers >= 2 && answers * 2_000 <= DAY_TOKENS, `${answers} answers`);
      const elsewhere = newVisitor("free");
      assert.equal((await (await elsewhere.connect()).ask("Hello?")).type, "answer");
      const visitor = newVisitor("day");
      const line = await visitor.connect();
      await isOver(line);
      await edge.later(12 * HOUR);
      const before = line.lastSeq;
      line.send({ type: "retry" });
      assert.equal((await line.until("the answer", (frame) => frame.seq > before && ["answer", "interrupted"].includes(frame.type))).type, "answer");
      await edge.later(12 * HOUR);
      for (const one of [visitor, elsewhere]) await one.leave();
    });

    test("many at the same moment do not use more of a day than it has; what was not used is given back", async () => {
      player().script = (body, nth) => [{ hold: true }, ...costs(300, nth, says("Gladly."))];
      const visitors = Array.from({ length: 12 }, () => newVisitor("busy"));
      const lines = await Promise.all(visitors.map((visitor) => visitor.connect()));
      const from = player().requests.length;
      const said = await Promise.all(lines.map((line) => line.say("Hello?")));
      const isOut = (line) => line.frames.some((frame) => frame.type === "interrupted");
      await until("each to be asked or refused", () => player().requests.length - from + lines.filter(isOut).length === 12);
      const made = player().requests.length - from;
      // Each of them may give the longest answer, and sets it aside before it is asked.
      const { max_tokens: each } = player().requests.at(-1).body;
      const most = Math.floor(DAY_TOKENS / each);
      assert.ok(made >= 1 && made <= most, `${made} requests at once, ${most} fit`);
      player().release();
      for (const [n, line] of lines.entries()) assert.equal((await line.ending(said[n].seq)).type, isOut(line) ? "interrupted" : "answer");
      player().script = speaks(300);
      const refused = lines.find(isOut);
      const before = refused.lastSeq;
      refused.send({ type: "retry" });
      assert.equal((await refused.until("the answer", (frame) => frame.seq > before && ["answer", "interrupted"].includes(frame.type))).type, "answer");
      for (const visitor of visitors) await visitor.leave();
    });

    test("the seventeenth call of an answer is answered with an error and not made", async () => {
      const cities = Array.from({ length: 20 }, (_, n) => `City ${n}`);
      company.always({ status: 200, body: { success: true, data: { shops: [] } } });
      player().script = (body) => (read(body).at(-1).user ? calls(...cities.map((city) => ["find_shop", { city }])) : says("Done."));
      const visitor = newVisitor("free");
      const line = await visitor.connect();
      assert.equal(plain((await line.ask("Look everywhere")).blocks), "Done.");
      assert.deepEqual(company.asked(/shops/).map(({ path }) => decodeURIComponent(path.split("city=")[1])).sort(), cities.slice(0, 16).sort());
      const told = read(player().requests.at(-1).body).filter((one) => one.call);
      assert.deepEqual(told.map(({ call }) => call[1].city), cities);
      for (const [n, { told: text }] of told.entries()) {
        if (n < 16) assert.equal(JSON.parse(text).status, "done");
        else assert.match(JSON.parse(text).error, /Too many calls/);
      }
      assert.deepEqual(player().complaints(), []);
      await visitor.leave();
    });

    test("an answer that the visitor stopped counts in the day", async () => {
      // About 1,500 tokens, by the estimate: the provider never came to its count.
      player().script = () => [{ text: "word ".repeat(1_200) }, { hold: true }, { finish: "stop" }];
      let stopped = 0;
      for (let n = 0; n < 8; n += 1) {
        const visitor = newVisitor("stopped");
        const line = await visitor.connect();
        const { seq } = await line.say("Tell me a long story");
        await line.until("the first words or the end", (frame) => frame.type === "delta" || frame.type === "interrupted");
        if (line.frames.some((frame) => frame.type === "delta")) {
          line.send({ type: "stop" });
          stopped += 1;
        }
        const over = await line.until("the interruption", (frame) => frame.type === "interrupted" && frame.seq > seq);
        assert.ok(["stopped", "out_of_budget"].includes(over.reason));
        player().release();
        await visitor.leave();
      }
      assert.ok(stopped >= 1 && stopped <= 4, `${stopped} answers of 1,500 tokens out of ${DAY_TOKENS}`);
    });

    // Not so yet: `Event::Broken` brings no tokens, so that only the day counts an answer that broke off.
    test("an answer that the visitor stopped counts in the conversation", async () => {
      player().script = () => [{ text: "word ".repeat(1_200) }, { hold: true }, { finish: "stop" }];
      const visitor = newVisitor("roomy");
      const line = await visitor.connect();
      const reasons = [];
      for (let n = 0; n < 6; n += 1) {
        const { seq } = await line.say(`Tell me a long story, ${n}`);
        const isNew = (frame) => (frame.type === "interrupted" ? frame.seq > seq : frame.type === "delta" && frame.answer > n);
        if ((await line.until("the first words or the end", isNew)).type === "delta") line.send({ type: "stop" });
        reasons.push((await line.until("the interruption", (frame) => frame.type === "interrupted" && frame.seq > seq)).reason);
        player().release();
      }
      // Three times 1,500 are more than 4,000.
      assert.equal(reasons.at(-1), "out_of_budget", `${reasons}`);
      await visitor.leave();
    });
  });
}

test("an answer that the provider does not count is taken at its size", async () => {
  const [{ prefix, player }] = PROTOCOLS;
  const last = data({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_790_000_000, model: "test-model", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  const speaks = (text) => () => [{ text }, { raw: `${last}data: [DONE]\n\n` }];
  const [modest, lavish] = [1, 2].map(() => new Visitor(edge, { agent: `${prefix}_roomy` }));
  player.script = speaks("Short.");
  const line = await modest.connect();
  for (const text of ["One", "Two"]) assert.equal((await line.ask(text)).type, "answer");
  player.script = speaks("word ".repeat(3_000));
  const other = await lavish.connect();
  assert.equal((await other.ask("One")).type, "answer");
  const from = player.requests.length;
  const over = await other.ask("Two");
  assert.equal(over.reason, "out_of_budget", JSON.stringify(over).slice(0, 200));
  assert.equal(player.requests.length, from);
  for (const visitor of [modest, lavish]) await visitor.leave();
});
