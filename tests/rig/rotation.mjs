// People who are signed in while the key that signs their cookies is changed, as a deploy does it: the new key in front of the
// old one, then the new one alone, the edge started anew each time. They come by all along, many of them at once (K7).
import { setTimeout as pause } from "node:timers/promises";

import { Visitor } from "./client.mjs";
import { startEdge } from "./edge.mjs";
import { agentWithHost, giveSecret, vouchedFor } from "./host_token.mjs";
import { freshKey } from "./secrets.mjs";
import { headOf } from "./token.mjs";

const AGENT = "ag_host";

/**
 * `people` signed in under k1; `rate` visits a second for `seconds`, with a restart after each third of it. Returns
 * `{visits, failed, signedOut, restarts, oldRefused, oldTried, perSecond}`. `failed` are visits that got no answer, or 5xx, while
 * the edge was away: the page tries those again.
 */
export async function rotate({ people = 60, rate = 65, seconds = 36 } = {}) {
  const k1 = `k1:${freshKey()}`;
  const k2 = `k2:${freshKey()}`;
  const edge = await startEdge({ agents: [agentWithHost(AGENT)], secrets: { COUNTERSIGN_SIGNING_KEYS: k1 } });
  try {
    await giveSecret(edge, AGENT);
    const all = [];
    for (let index = 0; index < people; index += 1) {
      const visitor = new Visitor(edge, { agent: AGENT });
      await vouchedFor(visitor, `person-${index}`);
      all.push({ visitor, home: visitor.conversation, old: visitor.token, between: false });
    }
    const count = { visits: 0, failed: 0, signedOut: 0, restarts: 0 };
    const out = new Set();
    const open = new Set();
    let over = false;
    let step = 0;

    const visit = async (person) => {
      try {
        const answer = await person.visitor.visit({ conversation: person.home });
        if (answer.status >= 500) {
          count.failed += 1;
          return;
        }
        count.visits += 1;
        const stays = answer.status === 200 && answer.json().state === "authenticated" && answer.json().conversation === person.home;
        if (!stays) out.add(person);
        else if (step === 1 && headOf(person.visitor.token).kid === "k2") person.between = true;
      } catch {
        count.failed += 1;
      }
    };
    const began = Date.now();
    const crowd = (async () => {
      for (let sent = 0; !over; sent += 1) {
        // A steady rate whatever the answers take, but never so many open that a slow machine measures itself.
        while (open.size > 4 * rate && !over) await Promise.race(open);
        const one = visit(all[sent % people]).finally(() => open.delete(one));
        open.add(one);
        const ahead = began + ((sent + 1) * 1000) / rate - Date.now();
        if (ahead > 0) await pause(ahead);
      }
      await Promise.all(open);
    })();
    for (const keys of [`${k2},${k1}`, k2]) {
      await pause((seconds * 1000) / 3);
      // Before the old key goes, everybody came by at least once: that is what the operator waits for.
      if (step === 1) while (all.some((person) => !person.between) && out.size === 0 && Date.now() - began < 300_000) await pause(50);
      await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: keys });
      count.restarts += 1;
      step += 1;
    }
    await pause((seconds * 1000) / 3);
    over = true;
    await crowd;
    const spent_s = (Date.now() - began) / 1000;
    // Whoever was not seen at the very end is asked once more.
    for (const person of all) await visit(person);

    let oldRefused = 0;
    for (const { visitor, home, old } of all) {
      const thief = new Visitor(edge, { agent: AGENT });
      thief.cookies.set(visitor.cookieName, old);
      if ((await thief.account({ conversation: home })).status === 401) oldRefused += 1;
    }
    return { ...count, signedOut: out.size, people, oldTried: people, oldRefused, perSecond: Math.round(count.visits / spent_s), seconds: Math.round(spent_s) };
  } finally {
    await edge.stop();
  }
}
