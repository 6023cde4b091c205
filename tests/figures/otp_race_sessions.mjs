// otp_race_sessions: how many sessions 100 right codes at the same moment give. Bar: 1.
import { startEdge } from "../rig/edge.mjs";
import { raceRightCodes } from "../rig/race.mjs";

const edge = await startEdge();
try {
  const { answers, sessions } = await raceRightCodes(edge, "race@example.com", 100);
  const refused = answers.filter((answer) => answer.status === 422).length;
  console.log(JSON.stringify({ value: sessions.length, detail: `100 right codes at once: ${sessions.length} accepted, ${refused} refused alike` }));
} finally {
  await edge.stop();
}
