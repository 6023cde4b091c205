// A conversation as any model reads it, without the form of its protocol: a list of `{user}`, `{said}` and `{call, told}`,
// oldest first. Ids of calls are the protocol's own business; that each call has its own answer is not.

/** From the log that the edge keeps. Calls that nothing answered are left out, as every protocol wants it. */
export function fromLog(messages) {
  return messages.flatMap((message, at) => {
    if (message.role === "user") return [{ user: message.text }];
    if (message.role === "tool") return [];
    const end = messages.findIndex(({ role }, index) => index > at && role !== "tool");
    const results = messages.slice(at + 1, end < 0 ? undefined : end).map(({ call_id, content }) => [call_id, content]);
    return turn(message.text, message.calls.map(({ id, name, arguments: args }) => ({ id, name, args })), new Map(results));
  });
}

/** From a request in OpenAI's protocol. */
export function fromOpenAi({ messages }) {
  return messages.flatMap((message, at) => {
    if (message.role === "user") return [{ user: message.content }];
    if (message.role !== "assistant") return [];
    const end = messages.findIndex(({ role }, index) => index > at && role !== "tool");
    const results = messages.slice(at + 1, end < 0 ? undefined : end).map(({ tool_call_id, content }) => [tool_call_id, content]);
    const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args: JSON.parse(args) }));
    return turn(message.content ?? "", calls, new Map(results));
  });
}

/** From a request in Anthropic's protocol. */
export function fromAnthropic({ messages }) {
  const blocks = ({ content }) => (typeof content === "string" ? [{ type: "text", text: content }] : content);
  return messages.flatMap((message, at) => {
    const texts = blocks(message).filter(({ type }) => type === "text").map(({ text }) => text);
    if (message.role === "user") return texts.map((user) => ({ user }));
    const results = blocks(messages[at + 1] ?? { content: [] }).filter(({ type }) => type === "tool_result").map(({ tool_use_id, content }) => [tool_use_id, content]);
    const calls = blocks(message).filter(({ type }) => type === "tool_use").map(({ id, name, input }) => ({ id, name, args: input }));
    return turn(texts.join(""), calls, new Map(results));
  });
}

function turn(text, calls, results) {
  const made = calls.filter(({ id }) => results.has(id)).map(({ id, name, args }) => ({ call: [name, args], told: results.get(id) }));
  return [...(text ? [{ said: text }] : []), ...made];
}

/** A value as one text, the same for the same value whatever the order of its keys. */
export function keyOf(value) {
  return JSON.stringify(value, (_, one) => (one && typeof one === "object" && !Array.isArray(one)
    ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one));
}
