// A company, a model that is led by plans, and an edge between them: what every test of actions begins with.
import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions, modelAt } from "./agents.mjs";
import { Visitor } from "./client.mjs";
import { startEdge } from "./edge.mjs";
import { startPuppet } from "./puppet.mjs";

/** What somebody types into the form of `sign_in`. */
export const typed = ({ user_name, password }) => ({ user_name, password });

/**
 * Starts all three. `agents` gives, for a company and a model choice, more agents than `ag_actions`; `start` starts the edge
 * (`startProcess` for one that can be killed and whose files can be read); `api` are options of the company.
 */
export async function startStage({ agents = () => [], start = startEdge, api = {}, ...options } = {}) {
  const company = await startCompany(api);
  const puppet = await startPuppet();
  const model = modelAt(puppet.model);
  const players = [puppet, company];
  const edge = await start({ model: puppet.model, agents: [agentWithActions(company, "ag_actions", { model }), ...agents(company, model)], ...options })
    .catch(async (error) => {
      await Promise.all(players.map((player) => player.stop()));
      throw error;
    });

  const stage = {
    company, puppet, edge,
    visitor: ({ agent = "ag_actions", ...rest } = {}) => new Visitor(edge, { agent, ...rest }),

    /** A visitor at an open card: `{visitor, line, id, card}`. */
    async atCard(options) {
      const visitor = stage.visitor(options);
      const line = await visitor.connect();
      const { seq } = await line.say(puppet.plan([["request_login", { reason: "orders" }]]));
      const card = await line.cardAfter(seq);
      return { visitor, line, id: card.id, card };
    },

    /** Somebody who is signed in at the company, somebody new unless `who` says otherwise: `{who, visitor, line}`. */
    async signedIn({ roles, who = company.enrol({ roles }), ...options } = {}) {
      const { visitor, id } = await stage.atCard(options);
      const { line } = await visitor.signInAt("sign_in", typed(who), { card: id });
      await stage.settled(line);
      return { who, visitor, line };
    },

    /** Somebody who is signed in by a code to their email address. */
    async signedInByMail({ who = company.enrol(), ...options } = {}) {
      const { visitor, line: before, id } = await stage.atCard(options);
      const verified = await visitor.verify(id, await visitor.codeFor(id, who.email));
      if (verified.status !== 200) throw new Error(`verify answered ${verified.status}: ${verified.text}`);
      await before.closed;
      await visitor.arrive();
      const line = await visitor.connect();
      await stage.settled(line);
      return { who, visitor, line };
    },

    /** Waits until the question that a login had blocked was answered. */
    settled: (line) => line.until("the answer after the login", (frame) => frame.type === "answer"
      && frame.seq > Math.max(0, ...line.numbered.filter(({ type }) => type === "message").map(({ seq }) => seq))),

    /** Has the model make these calls in one answer, and gives what it was told about each. */
    async does(line, ...calls) {
      const text = puppet.plan(calls);
      await line.ask(text);
      return (await puppet.toldOf(text, calls.length)).map((one) => one.told);
    },

    /** Between two tests: the company answers as usual and has seen nothing. */
    clear() {
      company.asUsual();
      company.requests.length = 0;
      company.effects.length = 0;
    },

    async stop() {
      await edge.stop();
      for (const player of players) await player.stop();
    },
  };
  return stage;
}
