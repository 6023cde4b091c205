// What only a development build answers: the test clock, the audit chain, the counters.
import { request } from "./http.mjs";

/** The addresses of a development build for an edge, or for anything with `url` and `origin`. */
export function development(edge) {
  async function ask(path, method = "GET", body = undefined) {
    const headers = { "content-type": "application/json", "x-countersign": "1", origin: edge.origin, "sec-fetch-site": "same-origin" };
    const response = await request(edge.url + path, { method, headers, body: body && JSON.stringify(body) });
    if (response.status >= 300) throw new Error(`${path} answered ${response.status}: ${response.text}`);
    return response;
  }
  let ahead = 0;
  return {
    /** Moves the edge's clock forward, with all its objects. Never back: no test runs in another's past. */
    async later(ms) {
      ahead += ms;
      await ask("/dev/clock", "POST", { offset_ms: ahead });
    },
    /** How far the edge's clock is ahead of this machine's, milliseconds. */
    ahead: () => ahead,
    /** The audit chain of an agent. */
    ledger: async (agent) => (await ask(`/dev/ledger/${agent}.json`)).json(),
    /** Demands a new token `times` over at once, as so many calls do that the company refused at the same moment. */
    refresh: (conversation, times = 1) => ask("/dev/refresh", "POST", { conversation, times }),
    /** Sets a secret of an agent, as its owner would. */
    secret: (agent, name, value) => ask("/dev/secrets", "POST", { agent, name, value }),
    /** The test run of an action: `{values, context, step}` made up. */
    trial: async (agent, action, given = {}) => (await ask(`/dev/actions/${agent}/${action}/trial`, "POST", given)).json(),
    /** How many guesses were evaluated in a conversation, over all its challenges. */
    evaluated: async (conversation) => (await ask(`/dev/counters/${conversation}`)).json().evaluated,
  };
}
