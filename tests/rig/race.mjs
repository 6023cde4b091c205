// Many guesses at one challenge at the same moment. The figures and the tests of the edge tier measure with the same lines.
import { Visitor } from "./client.mjs";

/** `count` wrong codes of as many digits as the right one. */
export function wrongCodes(right, count) {
  const space = 10 ** right.length;
  return Array.from({ length: count }, (_, index) => String((Number(right) + 1 + index) % space).padStart(right.length, "0"));
}

/** Opens a card and has a code sent to `address`. */
export async function openChallenge(edge, address, options) {
  const visitor = new Visitor(edge, options);
  const line = await visitor.connect();
  try {
    const card = await visitor.askForCard(line);
    const code = await visitor.codeFor(card, address);
    return { visitor, line, card, code };
  } catch (refused) {
    await visitor.leave();
    throw refused;
  }
}

/** Wrong codes all at once, then the right one. */
export async function raceWrongCodes(edge, address, count = 200) {
  const { visitor, card, code } = await openChallenge(edge, address);
  const answers = await Promise.all(wrongCodes(code, count).map((wrong) => visitor.verify(card, wrong)));
  const after = await visitor.verify(card, code);
  const evaluated = await edge.evaluated(visitor.conversation);
  await visitor.leave();
  return { answers, after, evaluated };
}

/** The right code all at once. `sessions` are the cookies that were handed out. */
export async function raceRightCodes(edge, address, count = 100) {
  const { visitor, card, code } = await openChallenge(edge, address);
  const before = visitor.cookieHeader;
  const answers = await Promise.all(Array.from({ length: count }, () => visitor.verify(card, code, { headers: { cookie: before } })));
  const sessions = answers.filter((answer) => answer.status === 200 || answer.setCookie.some((line) => !/max-age=0/i.test(line)));
  await visitor.leave();
  return { answers, sessions, visitor, card, code, before };
}
