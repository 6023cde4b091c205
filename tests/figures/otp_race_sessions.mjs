// otp_race_sessions: how many sessions 100 right codes at the same moment give. Bar: 1.
import { startEdge } from "../rig/edge.mjs";
import { raceRightCodes } from "../rig/race.mjs";

const edge = await startEdge();
try {
  const { answers, sessions } = await raceRightCodes(edge, "race@example.com", 100);
  const refused = answers.filter((answer) => [401, 422].includes(answer.status)).length;
  console.log(JSON.stringify({ value: sessions.length, detail: `100 right codes at once: ${sessions.length} accepted, ${refused} refused` }));
} finally {
  await edge.stop();
}
