// A model that does what a test has planned, and nothing else. The visitor's message names the plan, so that any number of
// conversations can be led at once; what came back to the model is read from its own requests.
import { startOpenAi, calls, says, toolsOf } from "./players/openai.mjs";
import { until } from "./wait.mjs";

/**
 * Starts it. `plan(...rounds)` gives the message that has those rounds of calls made, one after the other:
 * `plan([["find_shop", { city: "Boulder" }]], [["request_login", {}]])`. After the last it says "All done.".
 */
export async function startPuppet() {
  const plans = [];
  const model = await startOpenAi({ script });

  function script(body) {
    const from = body.messages.findLastIndex((message) => message.role === "user");
    const rounds = plans[/plan number (\d+)\./.exec(body.messages[from]?.content ?? "")?.[1]];
    // A person who goes on in another conversation has the question put again, beside a call that no plan holds.
    let past = 0;
    for (const { tool_calls: made } of body.messages.slice(from + 1)) {
      if (made && rounds?.[past] && made.every((call) => rounds[past].some(([name]) => name === call.function.name))) past += 1;
    }
    const round = rounds?.[past];
    return round ? calls(...round) : says("All done.");
  }

  /** The newest request in which the model read this message, and what stood after it. */
  function seen(text) {
    for (const { body } of [...model.requests].reverse()) {
      const at = body?.messages.findLastIndex((message) => message.role === "user" && message.content.includes(text)) ?? -1;
      if (at >= 0) return { body, after: body.messages.slice(at + 1) };
    }
    return undefined;
  }

  const puppet = {
    model,
    plan(...rounds) {
      plans.push(rounds);
      return `Carry out plan number ${plans.length - 1}.`;
    },
    /** What the model was told about each call of a plan, in order: `[{name, args, told}]`; `told` is parsed JSON. */
    told(text) {
      const { after } = seen(text) ?? { after: [] };
      const answers = new Map(after.filter(({ role }) => role === "tool").map((message) => [message.tool_call_id, message.content]));
      return after.flatMap((message) => message.tool_calls ?? []).filter(({ id }) => answers.has(id)).map(({ id, function: { name, arguments: args } }) => ({ name, args, told: parsed(answers.get(id)) }));
    },
    /** The same, once there are `count` of them. */
    toldOf: (text, count = 1) => until(`the model to be told about ${count} calls`, () => {
      const told = puppet.told(text);
      return told.length >= count && told;
    }),
    /** The tools that the model was offered when it read this message. */
    offered: (text) => toolsOf(seen(text)?.body ?? {}),
    stop: () => model.stop(),
  };
  return puppet;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
