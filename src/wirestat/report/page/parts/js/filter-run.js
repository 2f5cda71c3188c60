/* The filter, last part: a tree run over columns. Every step gives a byte for each connection: 1 where it holds. */

/* The connections that an expression asks for; with `at`, states and their times are those at that instant. */
function choose(text, at = null) {
  const run = new Run(at);
  const mask = run.holds(new Parser(text).everything());
  if (at === null) return mask;
  const begun = data.connections.of("first_time_ns");
  return mask.map((held, place) => (held && begun[place] <= at ? 1 : 0));
}

class Run {
  constructor(at) {
    this.at = at;
    this.rows = data.connections.rows;
    this.instant = null;
  }

  holds(tree) {
    switch (tree.is) {
      case "every":
        return this.joined(tree.parts, (one, other) => one & other);
      case "some":
        return this.joined(tree.parts, (one, other) => one | other);
      case "not":
        return this.holds(tree.part).map((held) => 1 - held);
      case "one":
        return this.joined(ends.map((end) => bind(tree.part, end)), (one, other) => one | other);
      case "stepped":
        return this.stepped(tree);
    }
    return this.test(tree);
  }

  joined(parts, join) {
    const mask = this.holds(parts[0]);
    for (const part of parts.slice(1)) {
      const other = this.holds(part);
      for (let place = 0; place < this.rows; place++) mask[place] = join(mask[place], other[place]);
    }
    return mask;
  }

  stepped({ end, changes }) {
    const { transitions } = data;
    const wanted = new Uint8Array(256);
    changes.forEach(([before, after]) => {
      wanted[before * 16 + after] = 1;
    });
    const whose = transitions.of("endpoint"),
      from = transitions.of("from_state"),
      to = transitions.of("to"),
      struck = transitions.of("retracted_by");
    const only = end ? ends.indexOf(end) : -1;
    const mask = new Uint8Array(this.rows);
    for (let place = 0; place < this.rows; place++) {
      for (let row = transitions.offsets[place]; row < transitions.offsets[place + 1]; row++) {
        if (
          wanted[from[row] * 16 + to[row]] && Number.isNaN(struck[row]) && (only < 0 || whose[row] === only)
        ) {
          mask[place] = 1;
          break;
        }
      }
    }
    return mask;
  }

  test(test) {
    const { between, kind } = test.field;
    if (kind === "FINDING" || kind === "SEVERITY") return this.spoken(test);
    if (between) {
      const [began, ended] = between.map((column) => this.column(column));
      return this.within(test.spans, (place) => ended[place] - began[place]);
    }
    const mask = new Uint8Array(this.rows);
    for (const column of this.columns(test)) {
      const one = this.one(test, column);
      for (let place = 0; place < this.rows; place++) mask[place] |= one[place];
    }
    return mask;
  }

  columns({ field, end }) {
    const wide = field.whole && field.end && field.kind === "SET";
    if (!end && field.whole && !wide) return [field.whole];
    const ofEnds = field.end ? (end ? [end] : ends).map((one) => `${one}_${field.end}`) : [];
    return end || !field.whole ? ofEnds : [field.whole, ...ofEnds];
  }

  one(test, name) {
    const { field } = test;
    if (
      this.at !== null && (field.ofState || field.name === "state") &&
      !["state", "since_ns"].includes(field.end)
    ) {
      throw new Mistake(0, 1, `${field.name} is known as of the end, and not at an instant`);
    }
    if (field.kind === "SET") return this.has(test, name);
    const numbers = this.column(name);
    if (field.name === "for") {
      const now = this.at === null ? spanOfAll : this.at;
      return this.within(test.spans, (place) => now - numbers[place]);
    }
    if (test.texts.length) return this.named(test, numbers, data.connections.nothing(name));
    const nothing = data.connections.nothing(name);
    return this.within(test.spans, (place) => (numbers[place] === nothing ? NaN : numbers[place]));
  }

  column(name) {
    if (this.at !== null && /_(state|since_ns)$/.test(name)) {
      this.instant ??= atInstant(this.at);
      if (name in this.instant) return this.instant[name];
    }
    if (!data.connections.has(name)) {
      throw new Mistake(
        0,
        1,
        `this page leaves ${name} out, as it holds many connections`,
        "wirestat -Y has all columns",
      );
    }
    return data.connections.of(name);
  }

  within(spans, value) {
    const mask = new Uint8Array(this.rows);
    for (const [low, high] of spans) {
      for (let place = 0; place < this.rows; place++) {
        const number = value(place);
        if (number >= low && number <= high) mask[place] = 1;
      }
    }
    return mask;
  }

  has({ field, spans }, name) {
    const mask = new Uint8Array(this.rows);
    record.names[field.names].forEach((_, code) => {
      if (!spans.some(([low, high]) => code >= low && code <= high)) return;
      const plane = data.connections.plane(name, code >> 3), bit = 1 << (code & 7);
      if (typeof plane === "number") {
        if (plane & bit) mask.fill(1);
        return;
      }
      for (let place = 0; place < this.rows; place++) if (plane[place] & bit) mask[place] = 1;
    });
    return mask;
  }

  /* Texts are judged once for each name of the dictionary, and not once for each connection. */
  named({ field, texts }, codes, nothing) {
    const names = record.names[field.names];
    const fits = field.kind === "ADDRESS"
      ? (name) => isWithinNets(name, texts)
      : (name) => isTunnel(name, texts);
    const answers = Uint8Array.from(names, (name) => (fits(name) ? 1 : 0));
    const mask = new Uint8Array(this.rows);
    for (let place = 0; place < this.rows; place++) {
      if (codes[place] !== nothing) mask[place] = answers[codes[place]];
    }
    return mask;
  }

  spoken({ field, spans, texts }) {
    const asks = (finding) =>
      field.kind === "SEVERITY"
        ? spans.some(([low, high]) =>
          record.severities.indexOf(finding.severity) >= low &&
          record.severities.indexOf(finding.severity) <= high
        )
        : spans.length > 0 || texts.includes(finding.id);
    const answers = record.sets.map((set) => (set.some((place) => asks(record.findings[place])) ? 1 : 0));
    return Uint8Array.from(data.connections.of("findings"), (code) => answers[code]);
  }
}

function isWithinNets(address, nets) {
  const own = readAddress(address);
  return nets.some((net) => net.version === own.version && net.first <= own.value && own.value <= net.last);
}

function isTunnel(tunnel, texts) {
  const parts = tunnel.toLowerCase().split(", ");
  const known = new Set([...parts, ...parts.map((part) => part.split(" ")[0])]);
  return texts.some((text) => known.has(text.toLowerCase()));
}

/* The states of both ends at an instant, and since when they held, by all that is known at the end. */
function atInstant(at) {
  const { transitions, connections } = data;
  const times = transitions.of("time_ns"),
    whose = transitions.of("endpoint"),
    to = transitions.of("to"),
    struck = transitions.of("retracted_by");
  const made = {};
  for (const end of ends) {
    made[`${end}_state`] = Uint8Array.from(connections.of(`${end}_first_state`));
    made[`${end}_since_ns`] = new Float64Array(connections.rows).fill(NaN);
  }
  for (let place = 0; place < connections.rows; place++) {
    for (let row = transitions.offsets[place]; row < transitions.offsets[place + 1]; row++) {
      if (times[row] > at || !Number.isNaN(struck[row])) continue;
      made[`${ends[whose[row]]}_state`][place] = to[row];
      made[`${ends[whose[row]]}_since_ns`][place] = times[row];
    }
  }
  return made;
}
