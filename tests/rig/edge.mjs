// The built edge in real workerd, through wrangler's test harness. One start per test file: storage is thrown away at stop.
import { createTestHarness } from "wrangler";

import { agent, orders, seeding } from "./agents.mjs";
import { development } from "./development.mjs";
import { outbox, resendMails } from "./inbox.mjs";
import { builtEdge, root } from "./paths.mjs";
import { freshSecrets } from "./secrets.mjs";

// Neither the harness's notes nor a look-up of `Request.cf` on the network belongs in a test's output.
process.env.WRANGLER_LOG ??= "error";
process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";

/** Where browsers would find this edge. The tests of the edge tier speak to it by HTTP and say this origin. */
export const ORIGIN = "https://edge.test";

/**
 * What an edge must be told to use these players. Without a player the key is set to nothing, not left out: a real one in
 * this machine's `.dev.vars` must not be used by a test.
 */
export function settingsFor({ resend, model } = {}) {
  return {
    vars: resend ? { RESEND_BASE_URL: resend.url, MAIL_FROM: "Northwind <login@northwind.test>" } : {},
    secrets: { RESEND_API_KEY: resend?.key ?? "", OPENAI_API_KEY: model?.key ?? "" },
  };
}

/**
 * Starts an edge with these agents and records in D1. `resend` and `model` are players; without a Resend player mail
 * goes to the outbox. `vars` and `secrets` replace single ones; a secret of "" counts as missing.
 */
export async function startEdge({ agents = [agent()], collections = [orders()], resend, model, vars = {}, secrets = {}, origin = ORIGIN } = {}) {
  builtEdge();
  const players = settingsFor({ resend, model });
  const options = {
    root,
    workers: [{
      configPath: "wrangler.toml",
      env: "dev",
      vars: { PUBLIC_ORIGIN: origin, ...players.vars, ...vars },
      secrets: { ...freshSecrets(), ...players.secrets, ...secrets },
    }],
  };
  const harness = createTestHarness(options);
  const { url } = await harness.listen();
  const worker = harness.getWorker();
  await worker.applyD1Migrations("DB");
  const database = async () => (await worker.getEnv()).DB;
  const edge = {
    url: url.origin,
    origin,
    harness,
    worker,
    database,
    secrets: options.workers[0].secrets,
    /** Runs statements of the form `[sql, ...values]` on D1. */
    async sql(statements) {
      const db = await database();
      const batch = () => db.batch(statements.map(([text, ...values]) => db.prepare(text).bind(...values)));
      // The harness hands a batch over by HTTP, on a connection that may just be ended because it was idle.
      await batch().catch((error) => {
        if (error.cause?.code !== "UND_ERR_SOCKET") throw error;
        return batch();
      });
    },
    /** Everything that the edge wrote to its log so far, as one text. */
    logs: () => harness.getLogs().map((line) => `${line.level} ${line.message}`).join("\n"),
    /** Throws one conversation's object out of memory; its sockets hibernate. */
    evict: (conversation, webSockets = "hibernate") => worker.evictDurableObject("CONVERSATION", { name: conversation, webSockets }),
    /** Runs again with other secrets on the same storage, as after `wrangler secret put`. */
    async restartWith(changed) {
      await harness.update((current) => ({
        ...current,
        workers: current.workers.map((one) => ({ ...one, secrets: { ...one.secrets, ...changed } })),
      }));
      edge.url = (await harness.listen()).url.origin;
      // A new process has the machine's clock again; time does not go back.
      if (edge.ahead() > 0) await edge.later(0);
    },
    stop: () => harness.close(),
  };
  Object.assign(edge, development(edge));
  edge.mailbox = resend ? resendMails(resend) : outbox(edge);
  try {
    await edge.sql(seeding(agents, collections));
  } catch (error) {
    await harness.close();
    throw error;
  }
  return edge;
}
