// workerd killed with -9 around an action that changes something, at a company that does not know `Idempotency-Key`: what a
// visitor asked for once happens once or not at all, however often they try again (R63).
import { calls, lastOf, says, startOpenAi } from "./players/openai.mjs";
import { agentWithActions, modelAt } from "./agents.mjs";
import { startCompany } from "../../demo/company/company.mjs";
import { Visitor } from "./client.mjs";
import { startProcess } from "./process.mjs";
import { until } from "./wait.mjs";

const addressOf = (change) => `${change} Repeat Road, Boulder, CO 80301`;
const isChange = ({ method }) => method === "PUT";

/** Where workerd is killed. Each gets the company's hook for one change, and waits until the moment has come. */
const MOMENTS = {
  /** The visitor said yes a moment ago. */
  "right after the yes": { wait: async () => {} },
  /** The request is at the company, and is carried out after workerd is dead. */
  "before the effect": { script: { hold: true, pass: true }, wait: (one) => one.atCompany() },
  /** It was carried out, and the answer never arrives. */
  "after the effect": { script: { hold: "after", pass: true }, wait: (one) => one.done() },
  /** The connection broke after it was carried out. */
  "after a cut": { script: { cut: "after" }, wait: (one) => one.done() },
  /** The answer is on its way. */
  "at the answer": { wait: (one) => one.done() },
  /** The model is being told. */
  "at the next round": { wait: (one) => one.told() },
};

/**
 * `kills` times -9. `trusting` is an agent whose settings wrongly say that the API knows keys: it shows that repeats are seen. Returns `{kills, moments, done, repeats, sent, unkeyed}`: `repeats` are effects beyond the first of a change,
 * `done` changes that happened, `sent` requests at the company, `unkeyed` effects whose request had no key.
 */
export async function killAroundActions({ kills = 500, people = 6, trusting = false, note = () => {} } = {}) {
  const company = await startCompany({ idempotent: false, tokenSeconds: 86_400 });
  const model = await startOpenAi({ script });
  const limits = { turn_tokens: 4_000_000_000, conversation_tokens: 4_000_000_000, day_tokens: 4_000_000_000 };
  const actions = agentWithActions(company, "ag_actions", { model: modelAt(model), limits, changed: { change_delivery_address: { idempotent: trusting } } });
  const edge = await startProcess({ model, agents: [actions] });
  const visitors = [];
  const asked = new Map();

  /** Calls the action again and again until it is told that it was done: a model that does not take no for an answer. */
  function script(body) {
    const from = body.messages.findLastIndex(({ role }) => role === "user");
    const change = /change number (\d+) of (\S+?)\./.exec(body.messages[from]?.content ?? "");
    if (!change) return lastOf(body).role === "user" ? calls(["request_login", { reason: "orders" }]) : says("Welcome.");
    const one = asked.get(Number(change[1]));
    const told = body.messages.slice(from + 1).filter(({ role }) => role === "tool").map(({ content }) => content);
    if (told.length > 0) one.toldAt = true;
    if (told.some((content) => content.includes('"status":"done"'))) return says("It is done.");
    if (told.length >= 3) return says("I could not do it.");
    return calls(["change_delivery_address", { order_number: change[2], address: addressOf(change[1]) }]);
  }

  async function signIn() {
    const who = company.enrol();
    const visitor = new Visitor(edge, { agent: "ag_actions" });
    const line = await visitor.connect();
    const { seq } = await line.say("Let me sign in.");
    const { id } = await line.cardAfter(seq);
    await visitor.signInAt("sign_in", { user_name: who.user_name, password: who.password }, { card: id });
    visitors.push({ who, visitor });
  }

  /** Follows one change to its answer: says yes whenever asked, tries again whenever the turn broke off. */
  async function settle(visitor, seq) {
    const line = await visitor.connect(0);
    const isEnd = (frame) => frame.type === "answer" || frame.type === "interrupted" || (frame.type === "confirm" && frame.confirm.step === "asked");
    for (let since = seq, tries = 0; tries < 8; tries += 1) {
      await line.until("the end of the turn", (frame) => frame.seq > since && isEnd(frame), 70_000);
      const end = line.numbered.findLast((frame) => frame.seq > since && isEnd(frame));
      if (end.type === "answer") return line.close();
      if (end.type === "confirm") line.confirm(end.confirm.id);
      else line.send({ type: "retry" });
      since = end.seq;
    }
    throw new Error("a change did not come to an end");
  }

  try {
    for (let n = 0; n < people; n += 1) await signIn();
    const names = Object.keys(MOMENTS);
    const counts = Object.fromEntries(names.map((name) => [name, 0]));
    for (let change = 1; change <= kills; change += 1) {
      const { who, visitor } = visitors[change % people];
      const name = names[change % names.length];
      const { script: fault, wait } = MOMENTS[name];
      const address = addressOf(change);
      const mine = (request) => isChange(request) && request.json?.address === address;
      const one = {
        toldAt: false,
        atCompany: () => until("the request at the company", () => company.requests.some(mine)),
        done: () => until("the effect at the company", () => company.effects.some((effect) => effect.address === address)),
        told: () => until("the model to be told", () => one.toldAt),
      };
      asked.set(change, one);
      if (fault) company.next(fault, { when: mine });

      const line = await visitor.connect(0);
      const { seq } = await line.say(`Please make change number ${change} of ${who.order}.`);
      const confirm = await line.asked(seq);
      line.confirm(confirm.id);
      // The yes must have left this process before workerd can be killed around what follows from it.
      if (name === "right after the yes") await line.ping().catch(() => {});
      await wait(one);
      await edge.kill();
      company.release();
      await edge.answers();
      await line.closed;
      counts[name] += 1;
      await settle(visitor, seq);
      if (change % 50 === 0) note(`${change} kills, ${company.effects.length} effects`);
    }
    const effects = Array.from({ length: kills }, (_, n) => company.effects.filter(({ address }) => address === addressOf(n + 1)).length);
    const keys = company.effects.map(({ key }) => key);
    return {
      kills, moments: counts,
      done: effects.filter((count) => count > 0).length,
      repeats: effects.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
      sent: company.requests.filter(isChange).length,
      unkeyed: keys.filter((key) => !key).length,
    };
  } finally {
    await edge.stop();
    await model.stop();
    await company.stop();
  }
}
