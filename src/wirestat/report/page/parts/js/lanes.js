/* Two lanes of states, the client's above the server's, on a canvas: solid where they are proven, with gaps where
   they are presumed, hatched where other states fit as well, struck where packets disproved a change. */

function lanesInto(canvas, pair, { wide, high, ratio }) {
  if (canvas.width !== Math.round(wide * ratio)) canvas.width = Math.round(wide * ratio);
  if (canvas.height !== Math.round(high * ratio)) canvas.height = Math.round(high * ratio);
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, wide, high);
  const x = (time) => ((time - view.from) / (view.to - view.from)) * wide;
  const lane = (high - 5) / 2;
  pair.forEach((one, end) => drawLane(g, one, { x, y: 2 + end * (lane + 1), high: lane, wide }));
}

/* The states of one end: from when to when, whether presumed, and what was struck out. */
function stretches(place, end) {
  const { transitions, connections } = data;
  const times = transitions.of("time_ns"),
    whose = transitions.of("endpoint"),
    to = transitions.of("to"),
    struck = transitions.of("retracted_by"),
    evidence = transitions.of("evidence");
  const proof = proofs();
  const found = [], strikes = [];
  let current = {
    state: connections.of(`${ends[end]}_first_state`)[place],
    from: connections.of("first_time_ns")[place],
    presumed: false,
  };
  for (let row = transitions.offsets[place]; row < transitions.offsets[place + 1]; row++) {
    if (whose[row] !== end) continue;
    if (!Number.isNaN(struck[row])) {
      strikes.push(times[row]);
      continue;
    }
    found.push({ ...current, to: times[row] });
    current = { state: to[row], from: times[row], presumed: evidence[row] === 1 && Number.isNaN(proof(row)) };
  }
  const others = othersOf(ends[end], place);
  const state = others.length && current.state === CLOSED ? others[0] : current.state;
  found.push({ ...current, state, to: spanOfAll, hatched: others.length > 0 });
  return { found, strikes };
}

/* The other states that fit the evidence of an end as well. */
function othersOf(end, place) {
  return states.flatMap((_, code) => {
    const plane = data.connections.plane(`${end}_or_since`, code >> 3);
    return (typeof plane === "number" ? plane : plane[place]) & (1 << (code & 7)) ? [code] : [];
  });
}

const LISTENING = states.indexOf("LISTEN"), CLOSED = states.indexOf("CLOSED");

function drawLane(g, { found, strikes }, { x, y, high, wide }) {
  for (const one of found) {
    if (one.state === CLOSED || one.state === LISTENING) continue;
    const left = Math.max(0, x(one.from)), right = Math.min(wide, Math.max(x(one.to), x(one.from) + 1.5));
    if (right <= 0 || left >= wide) continue;
    g.fillStyle = colour(one.state);
    if (one.presumed) {
      for (let at = left; at < right; at += 6) g.fillRect(at, y, Math.min(4, right - at), high);
    } else g.fillRect(left, y, right - left, high);
    if (one.hatched) hatch(g, left, right, y, high);
  }
  g.strokeStyle = isDark() ? "#ff7d93" : "#b3203f";
  g.lineWidth = 1.5;
  for (const time of strikes) {
    const at = x(time);
    g.beginPath();
    g.moveTo(at - 3, y + high);
    g.lineTo(at + 3, y);
    g.stroke();
  }
}

function hatch(g, left, right, y, high) {
  g.save();
  g.beginPath();
  g.rect(left, y, right - left, high);
  g.clip();
  g.strokeStyle = isDark() ? "rgba(0,0,0,.55)" : "rgba(255,255,255,.75)";
  g.lineWidth = 1.5;
  g.beginPath();
  for (let at = left - high; at < right; at += 5) {
    g.moveTo(at, y + high);
    g.lineTo(at + high, y);
  }
  g.stroke();
  g.restore();
}

/* The same in words, for who does not see it. */
function lanesInWords(pair) {
  return pair.map(({ found }, number) =>
    `${ends[number]}: ${
      found.filter((one) => one.state !== CLOSED).map((one) =>
        `${states[one.state]} ${span(one.to - one.from)}`
      ).join(", ") || "CLOSED"
    }`
  ).join("; ");
}
