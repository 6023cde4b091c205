// Many demands for a new token at the same moment: the company must see one refresh (R55, K5).
import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions, modelAt } from "./agents.mjs";
import { Visitor } from "./client.mjs";
import { startEdge } from "./edge.mjs";
import { startPuppet } from "./puppet.mjs";

/** Starts all that is needed, races once and stops it. */
export async function raceRefreshesAlone(count) {
  const company = await startCompany();
  const puppet = await startPuppet();
  const agents = [agentWithActions(company, "ag_actions", { model: modelAt(puppet.model) })];
  const edge = await startEdge({ model: puppet.model, agents });
  try {
    return await raceRefreshes({ edge, company, puppet }, count);
  } finally {
    await edge.stop();
    await puppet.stop();
    await company.stop();
  }
}

/** `count` demands at once. `tracked` is what became of a call made afterwards: the one new token must be the one in use. */
export async function raceRefreshes({ edge, company, puppet }, count) {
  const who = company.enrol();
  const visitor = new Visitor(edge, { agent: "ag_actions" });
  const first = await visitor.connect();
  const { seq } = await first.say(puppet.plan([["request_login", { reason: "orders" }]]));
  const { id } = await first.cardAfter(seq);
  const { line } = await visitor.signInAt("sign_in", { user_name: who.user_name, password: who.password }, { card: id });
  await line.until("the answer", (frame) => frame.type === "answer");
  company.accounts.expire(who.user_id);
  const before = company.accounts.refreshes;
  await Promise.all(Array.from({ length: count }, () => edge.refresh(visitor.conversation)));
  const refreshes = company.accounts.refreshes - before;
  const text = puppet.plan([["track_order", { order_number: who.order }]]);
  await line.ask(text);
  const [{ told }] = await puppet.toldOf(text);
  await visitor.leave();
  return { count, refreshes, tracked: told.status ?? told.error };
}
