// guesses_30_days: how many guesses at one identity are evaluated in 30 days of attack from many conversations and networks. Bar:
// at most 750. Then 1,000 identities are guessed at 5 times each: the breaker opens at the documented number, or there is no figure.
import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { openChallenge, wrongCodes } from "../rig/race.mjs";
import { spray } from "../rig/spray.mjs";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DAYS = 30;
/** Codes of a day: five would do for all guesses that are evaluated. */
const TRIES = 6;
/** What `docs/security.md` says. */
const USUAL = 500;

/** An agent with a trail of its own: thirty days of the other one are more than is read at once. */
const SPRAYED = "ag_sprayed";

const edge = await startEdge({ agents: [agent("ag_northwind"), agent(SPRAYED)] });

/** A day of the attacker: every code that can be had is guessed at until nothing is taken any more. */
async function day(to) {
  let evaluated = 0;
  let asked = 0;
  for (let round = 0; round < TRIES; round += 1) {
    const challenge = await openChallenge(edge, to).catch(() => undefined);
    if (challenge) {
      const { visitor, card, code } = challenge;
      asked += 1;
      for (const wrong of wrongCodes(code, 7)) await visitor.verify(card, wrong);
      evaluated += await edge.evaluated(visitor.conversation);
      await visitor.leave();
    }
    await edge.later(DAY / TRIES);
  }
  return { evaluated, asked };
}

async function breaker() {
  const alarms = async () => (await edge.ledger(SPRAYED)).filter(({ kind }) => kind === "guessing_alarm").length;
  await edge.later(DAY - ((await now()) % DAY) + MINUTE);
  let evaluated = await spray(edge, { agent: SPRAYED, from: 0, identities: USUAL / 5, guesses: 5 });
  const before = { alarms: await alarms(), evaluated };
  const { visitor, card, code } = await openChallenge(edge, "the-one-more@example.com", { agent: SPRAYED });
  await visitor.verify(card, wrongCodes(code, 1)[0]);
  await visitor.leave();
  const digits = [];
  evaluated = await spray(edge, { agent: SPRAYED, from: 1_000, identities: 1_000 - USUAL / 5, guesses: 5, each: (_, one) => digits.push(one.length) });
  return { before, after: await alarms(), short: digits.filter((one) => one < 8).length, code: code.length };
}

/** The edge's own time, which is ahead of this process's: that of the newest record. */
async function now() {
  await (await openChallenge(edge, "clock@example.com", { agent: SPRAYED })).visitor.leave();
  const records = await edge.ledger(SPRAYED);
  return Math.max(...records.map(({ at }) => at));
}

try {
  let value = 0;
  let asked = 0;
  for (let one = 0; one < DAYS; one += 1) {
    const done = await day("victim@example.com");
    value += done.evaluated;
    asked += done.asked;
  }
  const { before, after, short, code } = await breaker();
  if (before.alarms !== 0 || before.evaluated !== USUAL || code !== 6) throw new Error(`after ${before.evaluated} wrong codes: ${before.alarms} alarms, codes of ${code} digits`);
  if (after !== 1 || short !== 0) throw new Error(`after one more: ${after} alarms, ${short} codes of fewer than 8 digits`);
  console.log(JSON.stringify({
    value,
    detail: `${DAYS} days, ${asked} codes sent: ${value} guesses evaluated; then 1,000 identities x 5: no alarm after ${USUAL}, one after ${USUAL + 1}, every code after it of 8 digits`,
  }));
} finally {
  await edge.stop();
}
