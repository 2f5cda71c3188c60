/* The filter, first part: an expression cut into words and signs, each with its place. The language is that of -Y;
   tests/query/vectors.json holds this and the command line equal. */

const SIGN = /(?<sign>&&|\|\||==|!=|>=|<=|->|→|\.\.|[<>!~=(){},])/;
const QUOTED = /"(?<quoted>(?:[^"\\]|\\.)*)"/;
const WORD = /(?<word>(?:(?!\.\.|->|→)[^\s(){},&|!=<>~"])+)/;
const TOKEN = new RegExp(`\\s*(?:${[SIGN, QUOTED, WORD].map((one) => one.source).join("|")})`, "suy");
const SIGNS = { and: "&&", or: "||", not: "!" };
const SAME = { "→": "->", "=": "==" };
const LONGEST = 10000;

class Mistake extends Error {
  constructor(at, length, why, hint) {
    super(why);
    Object.assign(this, { at, length, why, hint });
  }
}

function tokens(text) {
  if (text.length > LONGEST) throw new Mistake(LONGEST - 1, 1, "a filter has no more than 10,000 characters");
  const found = [];
  const end = text.trimEnd().length;
  let at = 0;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) {
      at += text.length - at - text.slice(at).trimStart().length;
      const open = text[at] === '"';
      throw new Mistake(at, 1, open ? "a quotation mark is open" : `'${text[at]}' is not understood`);
    }
    const { sign, quoted, word } = match.groups;
    const value = sign ?? quoted ?? word;
    const after = TOKEN.lastIndex;
    const begin = after - value.length - (quoted === undefined ? 0 : 2);
    const kind = sign !== undefined
      ? SAME[sign] || sign
      : word !== undefined
      ? SIGNS[word.toLowerCase()] || "word"
      : "quoted";
    found.push({ kind, text: value, at: begin, length: after - begin });
    at = after;
  }
  found.push({ kind: "end", text: "", at: end, length: 1 });
  return found;
}

/* The name that somebody may have meant. */
function nearest(word, known) {
  let best = null, least = Math.max(2, word.length / 2) + 0.5;
  for (const name of known) {
    const apart = distance(word.toLowerCase(), name.toLowerCase());
    if (apart < least) [best, least] = [name, apart];
  }
  return best && `the nearest is ${best}`;
}

function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length];
}
