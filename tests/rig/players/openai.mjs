// A model behind OpenAI's chat completions, streamed, on loopback.
import { judgeOf } from "./schema.mjs";
import { callText, pieces, shopAssistant, startPlayer } from "./script.mjs";

export { calls, lastOf, messagesOf, readBy, refuses, says, shopAssistant, toolsOf } from "./script.mjs";

const KEY = "sk-test-player-key-0123456789";

/** Starts the player; `startPlayer` says what a script is. */
export async function startOpenAi({ script = shopAssistant, key = KEY } = {}) {
  const judge = judgeOf("openai/chat_completions.json", "CreateChatCompletionRequest");
  return startPlayer({
    path: "/v1/chat/completions",
    root: "/v1",
    judged: judge !== undefined,
    key: (headers) => /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1],
    complaints: (body) => [...(judge?.(body) ?? []), ...orderOf(body.messages ?? [])],
    failure: (status, type, message) => JSON.stringify({ error: { message, type, param: null, code: null } }),
    voice,
  }, { script, key });
}

function voice(body, nth) {
  const common = { id: `chatcmpl-player${nth}`, created: 1_790_000_000, model: body.model };
  const usage = { prompt_tokens: 100 + nth, completion_tokens: 10, total_tokens: 110 + nth };
  const data = (value) => `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", ...value })}\n\n`;
  const chunk = (delta, finish_reason = null) => data({ choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  let index = 0;
  return {
    begin: () => chunk({ role: "assistant", content: "" }),
    text: (text) => chunk({ content: text }),
    refusal: (text) => chunk({ refusal: text }),
    call(call) {
      const { text, id } = callText(call, `call_${nth}_${index}`);
      const start = chunk({ tool_calls: [{ index, id, type: "function", function: { name: call.name, arguments: "" } }] });
      const rest = pieces(text).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] }));
      index += 1;
      return [start, ...rest].join("");
    },
    finish: (reason) => [
      chunk({}, reason),
      body.stream_options?.include_usage ? data({ choices: [], usage }) : "",
      "data: [DONE]\n\n",
    ].join(""),
    error: (type) => `data: ${JSON.stringify({ error: { message: "Scripted fault", type } })}\n\n`,
    whole(events) {
      const text = (name) => events.map((event) => event[name] ?? "").join("") || null;
      const made = events.filter((event) => event.call).map(({ call }, at) => {
        const { text: args, id } = callText(call, `call_${nth}_${at}`);
        return { id, type: "function", function: { name: call.name, arguments: args } };
      });
      const message = { role: "assistant", content: text("text"), refusal: text("refusal"), ...(made.length > 0 ? { tool_calls: made } : {}) };
      return { ...common, object: "chat.completion", choices: [{ index: 0, message, finish_reason: events.at(-1).finish }], usage };
    },
  };
}

/** What the API refuses beyond its schema: a tool message needs its call right before, and every call its answer. */
export function orderOf(messages) {
  const complaints = [];
  let open = new Set();
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id)) complaints.push(`/messages/${index} answers no call before it`);
      continue;
    }
    if (open.size > 0) complaints.push(`/messages/${index} follows calls without answers`);
    open = new Set((message.tool_calls ?? []).map((call) => call.id));
  }
  if (open.size > 0) complaints.push("the last calls have no answers");
  return complaints;
}
