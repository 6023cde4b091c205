// A model behind Anthropic's Messages API, streamed, on loopback.
import { judgeOf } from "./schema.mjs";
import { callText, pieces, shopAssistant, startPlayer } from "./script.mjs";

const KEY = "sk-ant-test-player-key-0123456789";

/** Starts the player; `startPlayer` says what a script is. */
export async function startAnthropic({ script = shopAssistant, key = KEY } = {}) {
  const judge = judgeOf("anthropic/messages.json", "CreateMessageParams");
  return startPlayer({
    path: "/v1/messages",
    root: "",
    judged: judge !== undefined,
    key: (headers) => headers["x-api-key"],
    complaints: (body, headers) => [...(judge?.(body) ?? []), ...headersOf(headers), ...orderOf(body)],
    failure: (status, type, message) => JSON.stringify({ type: "error", error: { type: KINDS[status] ?? type, message } }),
    voice,
  }, { script, key });
}

const KINDS = { 401: "authentication_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error" };
const REASONS = { stop: "end_turn", tool_calls: "tool_use", length: "max_tokens", content_filter: "refusal" };

function voice(body, nth) {
  const message = { id: `msg_player${nth}`, type: "message", role: "assistant", model: body.model, content: [], stop_reason: null, stop_sequence: null };
  const usage = { input_tokens: 100 + nth, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 };
  const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  let index = -1;
  let open = false;
  const close = () => (open ? event({ type: "content_block_stop", index }) : "");
  const block = (content_block) => {
    const before = close();
    index += 1;
    open = true;
    return before + event({ type: "content_block_start", index, content_block });
  };
  const delta = (value) => event({ type: "content_block_delta", index, delta: value });
  let speaking = false;
  const text = (piece) => {
    const start = speaking ? "" : block({ type: "text", text: "" });
    speaking = true;
    return start + delta({ type: "text_delta", text: piece });
  };
  const idOf = (at) => `toolu_${nth}_${at}`;
  return {
    begin: () => event({ type: "message_start", message: { ...message, usage } }) + event({ type: "ping" }),
    text,
    refusal: text,
    call(call) {
      const { text: args, id } = callText(call, idOf(index + 1));
      speaking = false;
      const start = block({ type: "tool_use", id, name: call.name, input: {} });
      return start + ["", ...pieces(args)].map((partial_json) => delta({ type: "input_json_delta", partial_json })).join("");
    },
    finish: (reason) => [
      close(),
      event({ type: "message_delta", delta: { stop_reason: REASONS[reason], stop_sequence: null }, usage: { output_tokens: 10 } }),
      event({ type: "message_stop" }),
    ].join(""),
    error: (type) => event({ type: "error", error: { type, message: "Scripted fault" } }),
    whole(events) {
      const said = events.map((one) => one.text ?? one.refusal ?? "").join("");
      const made = events.filter((one) => one.call).map(({ call }, at) => ({ type: "tool_use", id: call.id ?? idOf(at), name: call.name, input: call.args ?? {} }));
      const content = [...(said ? [{ type: "text", text: said }] : []), ...made];
      return { ...message, content, stop_reason: REASONS[events.at(-1).finish], usage: { ...usage, output_tokens: 10 } };
    },
  };
}

function headersOf(headers) {
  const complaints = [];
  if (headers["anthropic-version"] !== "2023-06-01") complaints.push("anthropic-version: header is required");
  if (headers.authorization !== undefined) complaints.push("the key came in a second header");
  if (!/^application\/json/.test(headers["content-type"] ?? "")) complaints.push("content-type: is not JSON");
  return complaints;
}

/** What the API refuses beyond its schema. */
function orderOf({ messages = [], tools }) {
  const complaints = [];
  const ids = new Set();
  let open = [];
  if (messages[0]?.role !== "user") complaints.push("messages: first message must use the \"user\" role");
  if (messages.at(-1)?.role !== "user") complaints.push("messages: the conversation must end with a user message");
  for (const [at, message] of messages.entries()) {
    const blocks = Array.isArray(message.content) ? message.content : [{ type: "text", text: message.content }];
    if (at > 0 && messages[at - 1].role === message.role) complaints.push(`/messages/${at}: roles must alternate`);
    if (blocks.length === 0) complaints.push(`/messages/${at}: content must be non-empty`);
    for (const block of blocks) {
      if (block.type === "text" && block.text.trim() === "") complaints.push(`/messages/${at}: text content blocks must contain non-whitespace text`);
      if (block.type === "tool_use" && ids.has(block.id)) complaints.push(`/messages/${at}: tool_use ids must be unique`);
      if (block.type === "tool_use" && !/^[a-zA-Z0-9_-]+$/.test(block.id)) complaints.push(`/messages/${at}: the id of a tool_use has other signs`);
      if (block.type === "tool_use") ids.add(block.id);
    }
    const results = blocks.filter((block) => block.type === "tool_result").map((block) => block.tool_use_id);
    const leading = blocks.findIndex((block) => block.type !== "tool_result");
    if (leading >= 0 && leading < results.length) complaints.push(`/messages/${at}: tool_result blocks must come first`);
    for (const id of open.filter((id) => !results.includes(id))) complaints.push(`/messages/${at}: tool_use ${id} has no tool_result immediately after`);
    for (const id of results.filter((id) => !open.includes(id))) complaints.push(`/messages/${at}: unexpected tool_use_id ${id}`);
    open = message.role === "assistant" ? blocks.filter((block) => block.type === "tool_use").map((block) => block.id) : [];
  }
  if (ids.size > 0 && tools === undefined) complaints.push("Requests which include `tool_use` or `tool_result` blocks must define tools.");
  return complaints;
}
