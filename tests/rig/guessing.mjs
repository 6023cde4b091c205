// What can be told from answers: samples of requests whose difference must not show, and what a statistician makes of them.

/** A shuffled copy. */
export function shuffled(list) {
  const out = [...list];
  for (let at = out.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [out[at], out[other]] = [out[other], out[at]];
  }
  return out;
}

const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
const variance = (list, middle = mean(list)) => list.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (list.length - 1);

/** Welch's t of two samples. */
export function welch(a, b) {
  const spread = variance(a) / a.length + variance(b) / b.length;
  return spread === 0 ? 0 : (mean(a) - mean(b)) / Math.sqrt(spread);
}

/** The largest |t| of the whole samples and of what is left below the 90th and 99th percentile of both, as dudect crops them. */
export function worstT(a, b) {
  const all = [...a, ...b].sort((x, y) => x - y);
  const below = (share) => all[Math.floor(all.length * share)];
  const crops = [Infinity, below(0.99), below(0.9)];
  return Math.max(...crops.map((most) => Math.abs(welch(a.filter((x) => x < most), b.filter((x) => x < most)))));
}

/** Classifiers that are learnt from rows of numbers with a label 0 or 1. */
function learn(rows) {
  const of = (label) => rows.filter((row) => row.label === label);
  const width = rows[0].features.length;
  const candidates = [];
  for (let feature = 0; feature < width; feature += 1) {
    const values = rows.map((row) => row.features[feature]).sort((x, y) => x - y);
    const cuts = new Set(Array.from({ length: 99 }, (_, index) => values[Math.floor((values.length * (index + 1)) / 100)]));
    for (const cut of cuts) {
      for (const above of [0, 1]) candidates.push((features) => (features[feature] > cut ? above : 1 - above));
    }
  }
  const scale = Array.from({ length: width }, (_, at) => Math.sqrt(variance(rows.map((row) => row.features[at]))) || 1);
  const centre = [0, 1].map((label) => Array.from({ length: width }, (_, at) => mean(of(label).map((row) => row.features[at]))));
  const far = (features, to) => features.reduce((sum, value, at) => sum + ((value - to[at]) / scale[at]) ** 2, 0);
  candidates.push((features) => (far(features, centre[1]) < far(features, centre[0]) ? 1 : 0));
  const score = (classify) => rows.filter((row) => classify(row.features) === row.label).length / rows.length;
  return candidates.reduce((best, one) => { const value = score(one); return value > best.value ? { one, value } : best; }, { value: -1 }).one;
}

/**
 * How well the best classifier of one half tells the labels of the other half, and the other way round: the mean of both.
 * Rows are `{label, features}`, as many of each label.
 */
export function accuracy(rows) {
  const mixed = shuffled(rows);
  const halves = [mixed.filter((_, at) => at % 2 === 0), mixed.filter((_, at) => at % 2 === 1)];
  const judged = halves.map((learnt, at) => {
    const classify = learn(learnt);
    const other = halves[1 - at];
    return other.filter((row) => classify(row.features) === row.label).length / other.length;
  });
  return mean(judged);
}
