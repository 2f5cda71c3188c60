/* The filter, second part: from words to a tree. `or` binds least, then `and`, then `not`. */

const COMPARISONS = new Set(["==", "!=", "<", ">", "<=", ">="]);
const DEEPEST = 50;

function fieldsByName() {
  const named = new Map();
  for (const field of record.fields) for (const other of field.others) named.set(other, field);
  for (const field of record.fields) named.set(field.name, field);
  return named;
}

class Parser {
  constructor(text) {
    this.tokens = tokens(text);
    this.at = 0;
    this.depth = 0;
    this.fields = fieldsByName();
  }

  everything() {
    const tree = this.either();
    if (this.next.kind !== "end") {
      const missing = ["word", "quoted", "(", "!"].includes(this.next.kind);
      throw this.wrong(this.next, `'&&' or '||'${missing ? " is missing" : " expected"}`);
    }
    return tree;
  }

  get next() {
    return this.tokens[this.at];
  }

  take() {
    const token = this.next;
    if (token.kind !== "end") this.at += 1;
    return token;
  }

  takes(kind) {
    const is = this.next.kind === kind;
    if (is) this.at += 1;
    return is;
  }

  expect(kind) {
    if (!this.takes(kind)) throw this.wrong(this.next, `'${kind}' expected`);
  }

  wrong(token, why, hint) {
    return new Mistake(token.at, token.length, why, hint);
  }

  either() {
    const parts = [this.both()];
    while (this.takes("||")) parts.push(this.both());
    return parts.length === 1 ? parts[0] : { is: "some", parts };
  }

  both() {
    const parts = [this.one()];
    while (this.takes("&&")) parts.push(this.one());
    return parts.length === 1 ? parts[0] : conjunction(parts);
  }

  one() {
    this.depth += 1;
    if (this.depth > DEEPEST) throw this.wrong(this.next, `no more than ${DEEPEST} levels, please`);
    let tree;
    if (this.takes("!")) tree = { is: "not", part: this.one() };
    else if (this.takes("(")) {
      tree = this.either();
      this.expect(")");
    } else tree = this.test();
    this.depth -= 1;
    return tree;
  }

  test() {
    const token = this.take();
    if (token.kind !== "word") {
      const found = token.kind === "end" ? "nothing follows" : `no field begins with '${token.text}'`;
      throw this.wrong(token, `a field is expected: ${found}`);
    }
    const [end, name] = splitEnd(token.text);
    if (name === "transition") return this.transition(end);
    const field = this.fields.get(name);
    if (!field) {
      throw this.wrong(
        token,
        `there is no field '${name}'`,
        nearest(name, [...this.fields.keys(), "transition"]),
      );
    }
    if (end && !field.end) throw this.wrong(token, `${field.name} is of the connection: it has no ends`);
    return this.comparison(new Values(token, field, end));
  }

  comparison(values) {
    const operator = this.next;
    if (COMPARISONS.has(operator.kind)) {
      this.take();
      return this.compared(values, operator);
    }
    if (operator.kind === "!" && this.tokens[this.at + 1].text.toLowerCase() === "in") {
      this.take();
      return { is: "not", part: this.among(values) };
    }
    if (operator.kind === "word" && operator.text.toLowerCase() === "in") return this.among(values);
    if (operator.kind === "~") {
      throw this.wrong(operator, "'~' is not understood", "== compares, and takes nets and names");
    }
    return values.there();
  }

  compared(values, operator) {
    const low = this.value();
    if (operator.kind === "==" || operator.kind === "!=") {
      const part = this.range(values, low);
      return operator.kind === "==" ? part : { is: "not", part };
    }
    return values.ordered(operator, low);
  }

  among(values) {
    this.take();
    if (!this.takes("{")) return this.range(values, this.value());
    const found = [this.range(values, this.value())];
    while (this.takes(",")) found.push(this.range(values, this.value()));
    this.expect("}");
    return values.test(found.flatMap((one) => one.spans), found.flatMap((one) => one.texts));
  }

  range(values, low) {
    return this.takes("..") ? values.between(low, this.value()) : values.equal(low);
  }

  value() {
    const token = this.take();
    if (token.kind !== "word" && token.kind !== "quoted") throw this.wrong(token, "a value is expected");
    return token;
  }

  transition(end) {
    this.expect("(");
    const left = this.states();
    this.expect("->");
    const entered = this.states();
    this.expect(")");
    return { is: "stepped", end, changes: left.flatMap((before) => entered.map((after) => [before, after])) };
  }

  states() {
    const token = this.value();
    if (token.text === "*") return states.map((_, code) => code);
    return new Values(token, this.fields.get("state"), null).equal(token).spans.map(([code]) => code);
  }
}

function splitEnd(word) {
  const lower = word.toLowerCase();
  for (const end of ends) if (lower.startsWith(end + ".")) return [end, lower.slice(end.length + 1)];
  return [null, lower];
}

/* Beside a state, what tells of a state is about the end in that state: the one named before it, or else the first
   one after it. */
function conjunction(parts) {
  const every = (list) => (list.length === 1 ? list[0] : { is: "every", parts: list });
  const isState = (part) => part.is === "test" && part.field.name === "state" && !part.end;
  const places = parts.flatMap((part, place) => (isState(part) ? [place] : []));
  if (!places.length) return { is: "every", parts };
  const byPlace = new Map(places.map((place) => [place, [parts[place]]]));
  const joined = [];
  parts.forEach((part, place) => {
    if (byPlace.has(place)) return;
    if (tellsOfState(part)) {
      const before = places.filter((one) => one < place);
      byPlace.get(before.length ? before[before.length - 1] : places[0]).push(part);
    } else joined.push(part);
  });
  const ofEnds = [...byPlace.values()].map((
    group,
  ) => (group.length === 1 ? group[0] : { is: "one", part: { is: "every", parts: group } }));
  return every([...ofEnds, ...joined]);
}

function tellsOfState(part) {
  if (part.is === "stepped" || part.is === "one") return false;
  if (part.is === "test") return !part.end && part.field.ofState;
  return (part.parts || [part.part]).every(tellsOfState);
}

/* Have every test of either end be of this one. */
function bind(tree, end) {
  if (tree.is === "test") return tree.end || !tree.field.end ? tree : { ...tree, end };
  if (tree.is === "stepped") return tree.end ? tree : { ...tree, end };
  if (tree.is === "one") return tree;
  return tree.parts
    ? { ...tree, parts: tree.parts.map((part) => bind(part, end)) }
    : { ...tree, part: bind(tree.part, end) };
}
