// Models that fail in every way that a seed gives, many conversations side by side, through real workerd. A turn must end
// in an answer, an interruption or a card (R62).
import { agent } from "./agents.mjs";
import { Visitor } from "./client.mjs";
import { startAnthropic } from "./players/anthropic.mjs";
import { startOpenAi } from "./players/openai.mjs";
import { calls, lastOf, messagesOf, refuses, says } from "./players/script.mjs";
import { startProcess } from "./process.mjs";

/** How long a turn may take, and a little for the machine. */
const MOST_MS = 65_000;

/** Messages that one conversation may send at once. */
const BURST = 10;

/** Of all faults: those that last. They run beside the others from the beginning. */
const STALLS = 0.03;
const TRICKLES = 0.003;

const AT_ONCE = 60;

/** Numbers from a seed (mulberry32). */
function numbers(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (most) => Math.floor(next() * most);
  return { next, below, of: (list) => list[below(list.length)] };
}

const TEXTS = ["Your order is on its way.", "Grüße — déjà vu, 日本語 😀 und mehr.", "A **list**:\n\n- one\n- `two`\n", "\\\"quoted\\\" {braces} data: [DONE]\n\n"];

/** Something that a model would say. */
function sound({ of, below }) {
  return of([
    () => says(of(TEXTS)),
    () => says(of(TEXTS).repeat(below(20) + 1)),
    () => calls(["no_such_tool", { a: of(TEXTS) }], ["another", {}]),
    () => [{ text: of(TEXTS) }, ...calls(["no_such_tool", '{"broken'])],
    () => refuses(of(TEXTS)),
    () => [{ text: of(TEXTS) }, { finish: "length" }],
  ])();
}

/** Kinds of bytes at which a stream can end. */
const BYTES = {
  start: () => false,
  line_end: (byte) => byte === 0x0a,
  many_bytes: (byte) => byte >= 0x80,
  quote: (byte) => byte === 0x22,
  escape: (byte) => byte === 0x5c,
  bracket: (byte) => [0x7b, 0x7d, 0x5b, 0x5d].includes(byte),
  colon: (byte) => byte === 0x3a,
  digit: (byte) => byte >= 0x30 && byte <= 0x39,
  letter: (byte) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a,
  space: (byte) => byte === 0x20,
};

function placeIn(bytes, random) {
  const matches = BYTES[random.of(Object.keys(BYTES))];
  const places = [...bytes.keys()].filter((at) => matches(bytes[at]));
  return places.length > 0 ? random.of(places) + random.below(2) : 0;
}

const GARBAGE = ["\u0000\u0001", "data: {nonsense}\n\n", "data: null\n\n", "data: []\n\n", "<html>", "\r\n\r\n", "event: error\n", 'data: {"error":{"type":"overloaded_error"}}\n\n', 'data: {"type":"error"}\n\n', "data: [DONE]\n\n", "}", "\"", "\xff\xfe"];

const FAULTS = {
  cut: (random) => [{ mangle: (bytes) => [{ raw: bytes.subarray(0, placeIn(bytes, random)) }, { cut: true }] }, ...sound(random)],
  ended: (random) => [{ mangle: (bytes) => [{ raw: bytes.subarray(0, placeIn(bytes, random)) }] }, ...sound(random)],
  garbage: (random) => [{ mangle(bytes) {
    const at = placeIn(bytes, random);
    return [{ raw: bytes.subarray(0, at) }, { raw: Buffer.from(random.of(GARBAGE), "latin1") }, { raw: bytes.subarray(at) }];
  } }, ...sound(random)],
  flipped: (random) => [{ mangle(bytes) {
    const changed = Buffer.from(bytes);
    for (let times = random.below(3) + 1; times > 0; times -= 1) changed[random.below(changed.length)] ^= 1 << random.below(8);
    return [{ raw: changed }];
  } }, ...sound(random)],
  lines: (random) => [{ mangle(bytes) {
    const lines = bytes.toString("latin1").split("\n");
    const at = random.below(lines.length);
    random.of([
      () => lines.splice(at, 1),
      () => lines.splice(at, 0, ...Array(random.of([1, 3, 500])).fill(lines[at])),
      () => lines.splice(at, 2, ...lines.slice(at, at + 2).reverse()),
    ])();
    return [{ raw: Buffer.from(lines.join("\n"), "latin1") }];
  } }, ...sound(random)],
  huge: (random) => [{ text: "Half" }, { raw: `data: ${random.of(["x", " ", "[", "{"]).repeat(1_200_000)}\n\n` }, ...sound(random)],
  refused: (random) => [{ status: random.of([429, 500, 502, 503, 504, 529]) }],
  passing: (random, attempt) => (attempt <= random.of([1, 2]) ? [{ status: random.of([429, 500, 503, 529]), headers: random.of([{}, { "retry-after": "0" }, { "retry-after": "1" }]) }] : sound(random)),
  long_limit: (random) => [{ status: 429, headers: { "retry-after": random.of(["30", "99999999999", "Wed, 21 Oct 2099 07:28:00 GMT", "-1", "soon"]) } }],
  forbidden: (random) => [{ status: random.of([301, 307, 400, 401, 403, 404, 413, 422]), body: random.of(["", "<html>", "{}", '{"error":"max_tokens stream_options"}', "x".repeat(100_000)]) }],
  dropped: () => [{ drop: true }],
  other_type: (random) => [{ type: random.of(["text/html", "application/json", "text/plain", "application/x-ndjson"]) }, ...sound(random)],
  whole: (random) => [{ whole: true }, ...says(random.of(TEXTS))],
  sound: (random) => sound(random),
  endless: () => [...Array.from({ length: 350 }, () => ({ text: "word ".repeat(200) })), { finish: "stop" }],
};

const HELD = {
  stall: (random) => random.of([
    () => new Promise(() => {}),
    () => [{ hold: true }],
    () => [{ text: random.of(TEXTS) }, { hold: true }],
    () => [{ mangle: (bytes) => [{ raw: bytes.subarray(0, placeIn(bytes, random)) }, { hold: true }] }, ...sound(random)],
  ])(),
  trickle: () => [...Array.from({ length: 45 }, () => [{ text: "a " }, { wait: 2_000 }]).flat(), { finish: "stop" }],
};

const WEIGHTS = { cut: 30, ended: 6, garbage: 14, flipped: 10, lines: 10, huge: 1, refused: 4, passing: 6, long_limit: 3, forbidden: 4, dropped: 2, other_type: 4, whole: 3, sound: 6, endless: 1 };
const DRAWN = Object.entries(WEIGHTS).flatMap(([kind, weight]) => Array(weight).fill(kind));

/** The kind of a fault and what the model does, the same for the same number. */
function faultOf(number, faults) {
  const random = numbers(number);
  if (number < faults * TRICKLES) return { kind: "trickle", answer: () => HELD.trickle() };
  if (number < faults * (TRICKLES + STALLS)) return { kind: "stall", answer: () => HELD.stall(random) };
  const kind = random.of(DRAWN);
  return { kind, answer: (attempt) => FAULTS[kind](random, attempt) };
}

/** Runs them. Returns `{hung, ends, seconds}`: turns that did not end, and how many ended in what. */
export async function faultsOfModels({ faults = 10_000 } = {}) {
  const attempts = new Map();
  const script = (body) => {
    const said = messagesOf(body).findLast((message) => message.role === "user")?.content ?? "";
    const number = Number(/fault (\d+)\D*$/.exec(said)?.[1] ?? 0);
    // After its calls were answered it says something and is done.
    if (lastOf(body).role === "tool") return says("That tool does not exist.");
    const attempt = (attempts.get(number) ?? 0) + 1;
    attempts.set(number, attempt);
    return faultOf(number, faults).answer(attempt);
  };
  const [openai, anthropic] = [await startOpenAi({ script }), await startAnthropic({ script })];
  const limits = { turn_tokens: 4_000_000_000, conversation_tokens: 4_000_000_000, day_tokens: 4_000_000_000 };
  const edge = await startProcess({
    agents: [
      agent("ag_openai", { limits, model: { provider: "open_ai", base_url: openai.url, model: "m" } }),
      agent("ag_anthropic", { limits, model: { provider: "anthropic", base_url: anthropic.url, model: "m" } }),
    ],
    secrets: { OPENAI_API_KEY: openai.key, ANTHROPIC_API_KEY: anthropic.key },
  });
  const begun = Date.now();
  const hung = [];
  const ends = {};
  let done = 0;

  async function turn(line, number) {
    const { kind } = faultOf(number, faults);
    const from = Date.now();
    const { seq } = await line.say(`fault ${number}`);
    // An answer that is partial ends a turn too: the model ran out of room, or `interrupted` stands right behind it.
    const isEnd = (frame) => frame.seq > seq && ["answer", "interrupted", "card"].includes(frame.type);
    try {
      const end = await line.until("the end of the turn", isEnd, MOST_MS);
      ends[end.type] = (ends[end.type] ?? 0) + 1;
    } catch (error) {
      hung.push({ number, kind, after: Date.now() - from, why: error.message.slice(0, 300) });
    }
    done += 1;
    if (done % 500 === 0) console.error(`${done} of ${faults} turns, ${Math.round((Date.now() - begun) / 1000)} s, ${hung.length} hung`);
    // Every request is kept by the players; ten thousand of them are too many.
    for (const player of [openai, anthropic]) if (player.requests.length > 2_000) player.requests.splice(0, 1_000);
  }

  async function conversation(list) {
    const visitor = new Visitor(edge, { agent: list[0] % 2 === 0 ? "ag_openai" : "ag_anthropic" });
    try {
      const line = await visitor.connect();
      for (const number of list) await turn(line, number);
    } catch (error) {
      hung.push({ number: list[0], kind: "the conversation", why: error.message.slice(0, 300) });
    } finally {
      await visitor.leave();
    }
  }

  try {
    const lasting = Math.ceil(faults * (TRICKLES + STALLS));
    const slow = Array.from({ length: lasting }, (_, number) => [number]);
    const rest = [];
    for (const parity of [0, 1]) {
      const own = Array.from({ length: faults - lasting }, (_, at) => lasting + at).filter((number) => number % 2 === parity);
      for (let at = 0; at < own.length; at += BURST) rest.push(own.slice(at, at + BURST));
    }
    const runner = async (queue) => {
      for (let list = queue.shift(); list; list = queue.shift()) await conversation(list);
    };
    await Promise.all([...Array.from({ length: 200 }, () => runner(slow)), ...Array.from({ length: AT_ONCE }, () => runner(rest))]);
  } finally {
    openai.release();
    anthropic.release();
    await edge.stop();
    await openai.stop();
    await anthropic.stop();
  }
  return { hung, ends, seconds: Math.round((Date.now() - begun) / 1000) };
}
