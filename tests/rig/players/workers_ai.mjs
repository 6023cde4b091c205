// A model behind Workers AI's binding, on loopback: an object `AI` whose `run` asks this player, as the real one asks
// Cloudflare. It streams the older form, `{"response": …, "tool_calls": […]}`.
import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { builtEdge } from "../paths.mjs";
import { orderOf } from "./openai.mjs";
import { callText, shopAssistant, startPlayer } from "./script.mjs";

/** Starts the player; `startPlayer` says what a script is. The body of a `{status}` is the message of the error thrown. */
export function startWorkersAi({ script = shopAssistant } = {}) {
  return startPlayer({
    path: "/run",
    root: "/run",
    judged: false,
    key: () => "none",
    complaints: (body) => [
      ...orderOf(body.messages ?? []),
      ...(body.messages ?? []).filter((message) => typeof message.content !== "string").map((message) => `${message.role}: content is no text`),
      ...((body.messages ?? []).filter((message) => message.role === "system").length === 1 ? [] : ["not one system message"]),
    ],
    failure: (status, kind, message) => `${status}: ${message}`,
    voice,
  }, { script, key: "none" });
}

function voice() {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const data = (value) => `data: ${JSON.stringify(value)}\n\n`;
  const made = (call) => ({ name: call.name, arguments: JSON.parse(callText(call).text) });
  // A piece that reads as a number comes as one.
  const text = (piece) => data({ response: /^ ?[1-9]\d*$/.test(piece) && !piece.startsWith(" ") ? Number(piece) : piece, p: "abc" });
  return {
    begin: () => "",
    text,
    refusal: text,
    call: (call) => data({ response: null, tool_calls: [made(call)] }),
    finish: () => `${data({ response: "", usage })}data: [DONE]\n\n`,
    error: (kind) => data({ errors: [{ code: 3040, message: kind }] }),
    whole: (events) => ({
      response: events.map((event) => event.text ?? event.refusal ?? "").join(""),
      tool_calls: events.filter((event) => event.call).map((event) => made(event.call)),
      usage,
    }),
  };
}

/** The built edge with a binding `AI` to this player, as a script for `startProcess`. The binding needs no account. */
export async function edgeWithAi(player) {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-ai-"));
  await cp(path.dirname(builtEdge()), folder, { recursive: true });
  const main = path.join(folder, "with_ai.js");
  await writeFile(main, `
    import * as built from "./index.js";
    export * from "./index.js";
    export { default } from "./index.js";
    class Ai {
      async run(model, input) {
        const answer = await fetch(${JSON.stringify(player.url)}, { method: "POST", body: JSON.stringify(input), headers: { "x-model": model } });
        if (answer.status !== 200) throw new Error(await answer.text());
        return answer.headers.get("content-type").startsWith("text/event-stream") ? answer.body : answer.json();
      }
    }
    export class Conversation extends built.Conversation {
      constructor(state, env) { super(state, { ...env, AI: new Ai() }); }
    }
  `);
  return main;
}
