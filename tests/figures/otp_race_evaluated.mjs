// otp_race_evaluated: of 200 wrong codes at the same moment, how many were evaluated. Bar: 5.
import { startEdge } from "../rig/edge.mjs";
import { raceWrongCodes } from "../rig/race.mjs";

const edge = await startEdge();
try {
  const { answers, after, evaluated } = await raceWrongCodes(edge, "race@example.com", 200);
  const refused = answers.filter((answer) => answer.status === 422).length;
  const value = after.status === 200 ? answers.length : evaluated;
  console.log(JSON.stringify({ value, detail: `200 wrong codes at once: ${evaluated} evaluated, ${refused} refused; the right code afterwards: ${after.status}` }));
} finally {
  await edge.stop();
}
