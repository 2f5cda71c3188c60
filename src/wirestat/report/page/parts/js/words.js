/* Times, sizes and counts in words, as the text report writes them. */

const SECOND = 1e9, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

function three(value) {
  return String(Number(value.toPrecision(3)));
}

function span(ns) {
  if (ns === null || Number.isNaN(ns)) return "";
  if (ns < 0) return "−" + span(-ns);
  if (ns < 1e3) return ns ? `${ns} ns` : "0 s";
  if (toWhole(ns, 1e3) < 1e6) return `${toWhole(ns, 1e3) / 1e3} µs`;
  if (ns < SECOND - 5e5) return `${three(ns / 1e6)} ms`;
  if (toWhole(ns, SECOND) < 3 * MINUTE) return `${three(ns / SECOND)} s`;
  if (toWhole(ns, SECOND) < HOUR) return two(ns, MINUTE, "min", SECOND, "s");
  if (toWhole(ns, MINUTE) < 2 * DAY) return two(ns, HOUR, "h", MINUTE, "min");
  return two(ns, DAY, "d", HOUR, "h");
}

function two(ns, large, name, small, other) {
  const whole = toWhole(ns, small);
  const rest = Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)} ${name}` + (rest ? ` ${rest} ${other}` : "");
}

function toWhole(ns, unit) {
  return Math.floor((ns + unit / 2) / unit) * unit;
}

/* Seconds since the start of the capture. */
function offset(ns) {
  return Number.isNaN(ns) ? "" : `+${(ns / SECOND).toFixed(6)}`;
}

/* The same where it is wide, in as few signs as tell it. */
function briefly(ns) {
  return `+${span(Math.round(ns))}`;
}

/* The time of day, in UTC, of an instant counted from the start of the capture; with its date, where the capture
   covers several days. */
function clock(ns) {
  return iso(ns).slice(iso(0).slice(0, 10) === iso(spanOfAll).slice(0, 10) ? 11 : 0, 23).replace("T", " ") + "Z";
}

function iso(ns) {
  return new Date(Number((start + BigInt(Math.round(ns))) / 1000000n)).toISOString();
}

function moment(ns) {
  return iso(ns).replace("T", " ").replace("Z", " UTC");
}

/* An instant that the report tells in nanoseconds since 1970, counted from the start of the capture. */
function since(absolute) {
  return Number(BigInt(absolute) - start);
}

function count(number) {
  return number.toLocaleString("en-US");
}

function some(number, noun) {
  const many = noun.endsWith("y") ? noun.slice(0, -1) + "ies" : noun + "s";
  return `${count(number)} ${number === 1 ? noun : many}`;
}

function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(Math.floor((String(bytes).length - 1) / 3), 4);
  return `${three(bytes / 1000 ** step)} ${units[step]}`;
}

function socket(address, port) {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

const BITS = [[2, "SYN"], [1, "FIN"], [4, "RST"], [16, "ACK"], [32, "URG"], [64, "ECE"], [128, "CWR"]];

function controlBits(flags) {
  return BITS.filter(([bit]) => flags & bit).map(([, name]) => name).join(",") || "no flags";
}

const darkness = matchMedia("(prefers-color-scheme: dark)");
function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : darkness.matches;
}

function colour(state) {
  return record.colours[states[state]][isDark() ? 1 : 0];
}

/** Writes a word as a shell takes it. */
function quoted(word) {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
