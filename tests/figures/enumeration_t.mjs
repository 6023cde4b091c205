// enumeration_t: the largest |t| (Welch) between the times of requests whose difference must not show, 2 x 5,000 of each pair in
// random order. Bar: below 4.5. Bytes that differ fail it.
import { agent, seeding } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { Crowd, timed } from "../rig/crowd.mjs";
import { startEdge } from "../rig/edge.mjs";
import { shuffled, worstT } from "../rig/guessing.mjs";
import { employee, lookUp, lookupAuth, maskedStart, staff } from "../rig/lookup.mjs";
import { essence } from "../rig/refusal.mjs";

const EACH = 5_000;
const CROWD = 190;
/** So many that none is asked for more than ten times a day. */
const PEOPLE = 250;

const edge = await startEdge({ agents: [agent("ag_staff", { auth: lookupAuth() }), agent("ag_mail")], collections: [] });

/** `EACH` of both labels in random order, each label's names in turn: neither side's budgets are warmer than the other's. */
function plan(name) {
  const all = Array.from({ length: EACH }, (_, n) => n);
  const labels = shuffled([...all.map(() => 0), ...all.map(() => 1)]);
  const at = [0, 0];
  return labels.map((label) => name(label, at[label]++));
}

async function measure(agentId, names, ask) {
  const crowd = new Crowd(edge, { agent: agentId, size: CROWD });
  const times = [[], []];
  const shapes = new Map();
  for (const { label, typed } of names) {
    const member = await crowd.next();
    const { took, answer } = await timed(() => ask(member, typed));
    if (answer.status !== 200) throw new Error(`${agentId} answered ${answer.status}: ${answer.text}`);
    times[label].push(took);
    const shape = essence({ ...answer, headers: { ...answer.headers, "content-length": "" }, text: "" }) + maskedStart(answer);
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  }
  await crowd.leave();
  if (shapes.size !== 1) throw new Error(`${shapes.size} kinds of answers at ${agentId}:\n${[...shapes.keys()].slice(0, 2).join("\n")}`);
  return { t: worstT(times[0], times[1]), mean: times.map((list) => (list.reduce((sum, one) => sum + one, 0) / list.length).toFixed(2)) };
}

/** People who have signed in before. */
async function enrol() {
  let left = PEOPLE;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const visitor = new Visitor(edge, { agent: "ag_mail" });
      await visitor.signIn(`known${left}@example.com`);
      await visitor.leave();
    }
  };
  await Promise.all(Array.from({ length: 6 }, one));
  await edge.later(25 * 3_600_000);
}

try {
  const numbers = Array.from({ length: EACH }, (_, n) => n);
  for (let at = 0; at < EACH; at += 250) {
    const some = numbers.slice(at, at + 250).map((n) => employee(`E-${10_000 + 2 * n}`));
    await edge.sql(seeding([{ id: "ag_staff" }], staff(some).slice(1)).slice(1));
  }
  const looked = await measure("ag_staff", plan((label, n) => ({ label, typed: `E-${10_000 + 2 * n + (label ? 0 : 1)}` })),
    ({ visitor, card }, typed) => lookUp(visitor, card, typed));
  await enrol();
  const mailed = await measure("ag_mail", plan((label, n) => ({ label, typed: `${label ? "known" : "other"}${n % PEOPLE}@example.com` })),
    ({ visitor, card }, typed) => visitor.start(card, typed));
  const value = Math.round(Math.max(looked.t, mailed.t) * 1_000) / 1_000;
  console.log(JSON.stringify({
    value,
    detail: `2 x ${EACH} each; look-up: |t| ${looked.t.toFixed(2)}, ${looked.mean[1]} ms for hits, ${looked.mean[0]} ms for misses; `
      + `email: |t| ${mailed.t.toFixed(2)}, ${mailed.mean[1]} ms for people who are known, ${mailed.mean[0]} ms for others; bytes that differ: 0`,
  }));
} finally {
  await edge.stop();
}
