// Random comings and goings of thousands of people over one timeline of the test clock, each visit compared with a small model
// of when a session ends (K1, K3, K4).
import { Visitor } from "./client.mjs";
import { agentWithHost, giveSecret, vouchedFor } from "./host_token.mjs";
import { startProcess } from "./process.mjs";

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Agents with other limits, the longest first: those that end soon are opened last. */
const LIMITS = {
  ag_ever: { until_sign_out: true },
  ag_month: { inactivity_minutes: 7 * 24 * 60, absolute_hours: 30 * 24 },
  ag_day: { inactivity_minutes: 24 * 60, absolute_hours: 24 },
  ag_half: { inactivity_minutes: 12 * 60, absolute_hours: 48 },
  ag_hours: { inactivity_minutes: 30, absolute_hours: 4 },
  ag_least: { inactivity_minutes: 1, absolute_hours: 1 },
};

/** Steps of the clock: how many, from, to, and whose people are about then. */
const PHASES = [
  [10, 20 * SECOND, 8 * MINUTE, ["ag_least", "ag_hours"]],
  [10, 4 * MINUTE, 50 * MINUTE, ["ag_hours", "ag_half"]],
  [9, 2 * HOUR, 14 * HOUR, ["ag_half", "ag_day", "ag_month"]],
  [7, DAY, 8 * DAY, ["ag_month", "ag_ever"]],
  [4, 60 * DAY, 402 * DAY, ["ag_ever"]],
];

/** Nothing is judged where it hangs on so little: requests take their time. */
const UNSURE_MS = 3_000;

/** When a session ends, told once more in other words than the edge's. */
class Model {
  constructor({ until_sign_out: ever = false, inactivity_minutes: idle = 0, absolute_hours: hours = 0 }, at, off) {
    this.idle = (ever ? 400 * DAY : Math.min(Math.max(idle, 5), 43_200) * MINUTE) * off;
    this.end = ever ? Infinity : at + Math.min(Math.max(hours, 1), 9_600) * HOUR;
    this.write = Math.min(MINUTE, ever ? MINUTE : this.idle / 20);
    this.seen = at;
    // The cookie's own end, which only a visit moves: after a day, where the session has no end.
    this.cookie = ever ? at + 400 * DAY : this.end;
    this.ever = ever;
  }

  /** Whether somebody who comes at this time is still signed in, by a visit or not; undefined where it cannot be told. A page that comes back by itself does not count. */
  come(at, { visits, counts }) {
    const ends = Math.min(this.seen + this.idle, this.end, this.cookie + MINUTE);
    const renews = this.ever && visits && at + 400 * DAY - this.cookie;
    if ([at - ends, ...(counts ? [at - this.seen - this.write] : []), ...(renews ? [renews - DAY] : [])].some((gap) => Math.abs(gap) < UNSURE_MS)) return undefined;
    if (at > ends) return false;
    if (counts && at > this.seen + this.write) this.seen = at;
    if (renews > DAY) this.cookie = at + 400 * DAY;
    return true;
  }
}

/** Numbers that are the same for the same seed (mulberry32). */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function atOnce(items, act, most = 16) {
  const queue = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: most }, async () => {
    for (const item of queue) await act(item);
  }));
}

/**
 * `traces` people, each signed in once. Returns `{traces, judged, checks, ends, unsure, wrong}`; `wrong` tells each disagreement,
 * `judged` counts the traces with at least one check that could be told. `off` makes the model wrong by a factor, to see that it shows.
 */
export async function walk({ traces = 10_000, seed = 20_261_121, off = 1 } = {}) {
  const random = seeded(seed);
  const edge = await startProcess({ agents: Object.entries(LIMITS).map(([id, session]) => agentWithHost(id, { auth: { session, persistent_context: false } })) });
  try {
    const ids = Object.keys(LIMITS);
    for (const id of ids) await giveSecret(edge, id);
    const people = Array.from({ length: traces }, (_, index) => ({ index, agent: ids[Math.floor((index * ids.length) / traces)] }));
    const at = () => Date.now() + edge.ahead();
    await atOnce(people, async (person) => {
      const { index, agent } = person;
      person.visitor = new Visitor(edge, { agent, address: `10.${index >> 13}.${(index >> 5) & 255}.1` });
      await person.visitor.arrive();
      const before = at();
      await vouchedFor(person.visitor, `person-${index}`);
      person.home = person.visitor.conversation;
      // Between these two it began. A login that took long tells too little.
      person.is = at() - before < UNSURE_MS ? "there" : "unsure";
      person.model = new Model(LIMITS[agent], (before + at()) / 2, off);
    });

    const count = { traces, checks: 0, ends: 0 };
    const wrong = [];
    const check = async (person) => {
      // The chat is opened, its page comes back by itself, or something is done in it.
      const [visits, counts] = [[true, true], [true, false], [false, true]][Math.floor(random() * 3)];
      const before = at();
      const answer = visits ? await person.visitor.visit(counts ? {} : { conversation: person.home }) : await person.visitor.account();
      const after = at();
      const lives = answer.status === 200 && (!visits || (answer.json().state === "authenticated" && answer.json().conversation === person.home));
      const expected = after - before < UNSURE_MS ? person.model.come((before + after) / 2, { visits, counts }) : undefined;
      if (expected === undefined) {
        person.is = "unsure";
        return;
      }
      count.checks += 1;
      person.judged = true;
      if (lives !== expected) wrong.push(`person ${person.index} of ${person.agent}: ${answer.status}, ${lives ? "in" : "out"}, should be ${expected ? "in" : "out"}`);
      if (!lives) {
        person.is = "gone";
        count.ends += 1;
      }
    };
    for (const [steps, from, to, busy] of PHASES) {
      for (let step = 0; step < steps; step += 1) {
        await edge.later(Math.round(from * (to / from) ** random()));
        const chance = (person) => (busy.includes(person.agent) ? 0.22 : 0.02);
        await atOnce(people.filter((person) => person.is === "there" && random() < chance(person)), check);
      }
      // Who was never seen in their own time is looked at once at its end.
      await atOnce(people.filter((person) => person.is === "there" && !person.judged && busy.includes(person.agent)), check);
    }
    const judged = people.filter((person) => person.judged).length;
    return { ...count, judged, unsure: people.filter((person) => person.is === "unsure").length, wrong };
  } finally {
    await edge.stop();
  }
}
