// lookup_hit_miss_accuracy: how well the best of simple classifiers tells hits from misses of 10,000 employee numbers, of which
// 2,000 are staff, by everything that a client sees. Bar: at most 0.52; a coin has 0.5.
import { agent, seeding } from "../rig/agents.mjs";
import { Crowd, timed } from "../rig/crowd.mjs";
import { startEdge } from "../rig/edge.mjs";
import { accuracy, shuffled } from "../rig/guessing.mjs";
import { atCard, employee, lookUp, lookupAuth, maskedStart, staff } from "../rig/lookup.mjs";
import { essence } from "../rig/refusal.mjs";

const NUMBERS = 10_000;
const STAFF = 2_000;
/** As many as one agent's look-ups of an hour. */
const CROWD = 190;

const number = (n) => `E-${String(10_000 + n)}`;
const isStaff = (n) => n % (NUMBERS / STAFF) === 3;

const rows = Array.from({ length: NUMBERS }, (_, n) => n).filter(isStaff).map((n) => employee(number(n)));
const edge = await startEdge({ agents: [agent("ag_staff", { auth: lookupAuth() }), agent("ag_capped", { auth: lookupAuth() })], collections: [] });
for (let at = 0; at < rows.length; at += 250) {
  await edge.sql(seeding([{ id: "ag_staff" }], staff(rows.slice(at, at + 250)).slice(1)).slice(1));
}

/** A clock that stands still stops an enumerator. */
async function capped() {
  let passed = 0;
  for (let index = 0; index < 60; index += 1) {
    const { visitor, card } = await atCard(edge, { agent: "ag_capped" });
    for (let time = 0; time < 6; time += 1) passed += (await lookUp(visitor, card, `C-${index}-${time}`)).status === 200 ? 1 : 0;
    await visitor.leave();
  }
  const one = [];
  for (let index = 0; index < 25; index += 1) {
    const { visitor, card } = await atCard(edge, { agent: "ag_capped", address: "203.0.113.9" });
    one.push((await lookUp(visitor, card, `D-${index}`)).status);
    await visitor.leave();
  }
  return { passed, network: one.filter((status) => status === 200).length };
}

const seen = new Map();
/** A thing that was seen, as a number: the same number for the same thing. */
const named = (kind, thing) => {
  const key = `${kind} ${thing}`;
  if (!seen.has(key)) seen.set(key, [...seen.keys()].filter((one) => one.startsWith(`${kind} `)).length);
  return seen.get(key);
};

try {
  const still = await capped();
  if (still.passed > 200 || still.network > 20) throw new Error(`an unmoved clock let ${still.passed} look-ups through, ${still.network} of one network`);
  const crowd = new Crowd(edge, { agent: "ag_staff", size: CROWD });
  const samples = { 0: [], 1: [] };
  let refused = 0;
  for (const n of shuffled(Array.from({ length: NUMBERS }, (_, index) => index))) {
    const { visitor, line, card } = await crowd.next();
    const before = line.frames.length;
    const start = await timed(() => lookUp(visitor, card, number(n)));
    const following = await timed(() => visitor.visit());
    if (start.answer.status !== 200 || following.answer.status !== 200) {
      refused += 1;
      continue;
    }
    const frames = line.frames.slice(before).map((frame) => `${frame.type} ${frame.card?.step.at} ${frame.card?.step.delivery} ${Object.keys(frame)}`).join(";");
    const headers = essence({ ...start.answer, headers: { ...start.answer.headers, "content-length": "" }, text: "" });
    samples[isStaff(n) ? 1 : 0].push([
      start.took, following.took, named("headers", headers), named("body", maskedStart(start.answer)), start.answer.text.length - number(n).length,
      named("frames", frames), frames.length, following.answer.text.length,
    ]);
  }
  await crowd.leave();
  if (refused > 0) throw new Error(`${refused} of ${NUMBERS} were not answered`);
  const balanced = [0, 1].flatMap((label) => shuffled(samples[label]).slice(0, STAFF).map((features) => ({ label, features })));
  const kinds = (kind) => [...seen.keys()].filter((one) => one.startsWith(`${kind} `)).length;
  if (kinds("body") !== 1 || kinds("headers") !== 1) throw new Error(`bodies of ${kinds("body")} kinds, headers of ${kinds("headers")}`);
  const value = Math.round(accuracy(balanced) * 10_000) / 10_000;
  const mean = (label, at) => (samples[label].reduce((sum, row) => sum + row[at], 0) / samples[label].length).toFixed(2);
  console.log(JSON.stringify({
    value,
    detail: `${NUMBERS} numbers, ${STAFF} staff; start ${mean(1, 0)} ms for hits, ${mean(0, 0)} ms for misses; the next request ${mean(1, 1)} and ${mean(0, 1)} ms; `
      + `one kind of body and headers, ${kinds("frames")} of frames; a clock that stands still let ${still.passed} through and ${still.network} of one network`,
  }));
} finally {
  await edge.stop();
}
