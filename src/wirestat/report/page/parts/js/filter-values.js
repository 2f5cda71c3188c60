/* The filter, third part: the values that a field is compared with, by what kind of field it is. */

const LEAST = -Infinity, MOST = Infinity;
const UNITS = { ms: 1e6, s: SECOND, "": SECOND, m: MINUTE, min: MINUTE, h: HOUR, d: DAY };
const FINE = { us: 1e3, "µs": 1e3, ns: 1 };
const YES = { true: 1, yes: 1, 1: 1, false: 0, no: 0, 0: 0 };
const ORDERED = new Set(["NUMBER", "BYTES", "SPAN", "TIME", "SEVERITY"]);

class Values {
  constructor(token, field, end) {
    Object.assign(this, { token, field, end });
  }

  test(spans = [], texts = []) {
    return { is: "test", field: this.field, end: this.end, spans, texts };
  }

  /* Whether there is a value at all: one that is not 0, and yes rather than no. */
  there() {
    const { kind, name } = this.field;
    if (kind === "ADDRESS") throw this.wrong(this.token, `${name} is compared with a value`);
    if (["NAME", "SET", "FINDING", "SEVERITY", "TUNNEL"].includes(kind)) return this.test([[0, MOST]]);
    return this.test(kind === "TIME" ? [[LEAST, MOST]] : [[LEAST, -1], [1, MOST]]);
  }

  equal(token) {
    switch (this.field.kind) {
      case "ADDRESS":
        return this.test([], [this.net(token)]);
      case "TUNNEL":
        return this.test([], [token.text]);
      case "FINDING":
        return this.test([], [this.finding(token)]);
      case "NAME":
      case "SET":
        return this.test(this.codes(token).map((code) => [code, code]));
    }
    const number = this.possible(token);
    return this.test([[number, number]]);
  }

  between(low, high) {
    const nothing = () => this.wrong(high, `nothing lies between ${low.text} and ${high.text}`);
    if (this.field.kind === "ADDRESS") {
      const one = this.net(low), other = this.net(high);
      if (one.version !== other.version || one.first > other.last) throw nothing();
      return this.test([], [{ version: one.version, first: one.first, last: other.last }]);
    }
    if (!ORDERED.has(this.field.kind)) {
      throw this.wrong(high, `${this.field.name} has no order, so nothing lies between two values`);
    }
    const range = [this.possible(low), this.possible(high)];
    if (range[0] > range[1]) throw nothing();
    return this.test([range]);
  }

  ordered(operator, token) {
    if (!ORDERED.has(this.field.kind)) {
      throw this.wrong(operator, `${this.field.name} has no order`, "== and != compare it, and 'in'");
    }
    const number = this.number(token);
    return this.test([
      {
        "<": [LEAST, number - 1],
        "<=": [LEAST, number],
        ">": [number + 1, MOST],
        ">=": [number, MOST],
      }[operator.kind],
    ]);
  }

  wrong(token, why, hint) {
    return new Mistake(token.at, token.length, why, hint);
  }

  /* A number that the field may have. */
  possible(token) {
    const number = this.number(token), { name, most } = this.field;
    if (most !== null && !(number >= 0 && number <= most)) {
      throw this.wrong(token, `${name} is a number from 0 to ${most}, and not ${token.text}`);
    }
    return number;
  }

  number(token) {
    switch (this.field.kind) {
      case "SPAN":
        return this.span(token);
      case "TIME":
        return this.time(token);
      case "BYTES":
        return this.bytes(token);
      case "FLAG":
        return this.oneOf(token, YES);
      case "SEVERITY":
        return this.oneOf(token, Object.fromEntries(record.severities.map((name, rank) => [name, rank])));
    }
    if (!/^-?[0-9]{1,18}$/.test(token.text)) {
      throw this.wrong(token, `${this.field.name} is a number without a unit, and not '${token.text}'`);
    }
    return Number(token.text);
  }

  span(token) {
    const fine = /^([0-9]{1,15})(us|µs|ns)$/.exec(token.text);
    if (fine) return Number(fine[1]) * FINE[fine[2]];
    if (/^-?[0-9]{1,18}$/.test(token.text) && Number(token.text)) {
      throw this.wrong(
        token,
        `${this.field.name} takes a unit`,
        `${token.text}s, ${token.text}ms, ${token.text}m`,
      );
    }
    return this.duration(token);
  }

  duration(token) {
    const found = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|)$/.exec(token.text.trim().toLowerCase());
    if (!found) {
      throw this.wrong(token, `'${token.text}' is not a duration`, "write it as 500ms, 30s, 2m, 1.5h or 5d");
    }
    return whole(found[1], UNITS[found[2]]);
  }

  bytes(token) {
    const found = /^([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([kmgt]?)(i?)b?$/i.exec(token.text);
    if (!found) {
      throw this.wrong(token, `'${token.text}' is not a size`, "write it as 1500, 64k, 1.5M or 2GiB");
    }
    return whole(found[1], (found[3] ? 1024 : 1000) ** " kmgt".indexOf(found[2].toLowerCase() || " "));
  }

  /* An instant, counted from the start of the capture as all times of the page are. */
  time(token) {
    const seconds = /^(-?[0-9]{1,18})(?:\.([0-9]+))?$/.exec(token.text);
    if (seconds) {
      return Number(
        BigInt(seconds[1]) * 1000000000n + BigInt((seconds[2] || "").padEnd(9, "0").slice(0, 9)) - start,
      );
    }
    const found =
      /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i
        .exec(token.text);
    const [, day, hour = "00", minute = "00", second = "00", part = "", zone = "Z"] = found || [];
    const full = zone.length === 3
      ? `${zone}:00`
      : zone.length === 5
      ? `${zone.slice(0, 3)}:${zone.slice(3)}`
      : zone.toUpperCase();
    const ms = found ? Date.parse(`${day}T${hour}:${minute}:${second}${full}`) : NaN;
    if (Number.isNaN(ms)) {
      throw this.wrong(
        token,
        `'${token.text}' is no point in time`,
        "write 2026-01-02T03:04:05Z, or epoch seconds",
      );
    }
    return Number(BigInt(ms) * 1000000n + BigInt(part.padEnd(6, "0").slice(0, 6)) * 1000n - start);
  }

  oneOf(token, codes) {
    const code = codes[token.text.toLowerCase()];
    if (code === undefined) {
      throw this.wrong(
        token,
        `${this.field.name} is never '${token.text}'`,
        nearest(token.text, Object.keys(codes)) || `it is one of ${Object.keys(codes).join(", ")}`,
      );
    }
    return code;
  }

  codes(token) {
    const names = record.names[this.field.names];
    if (this.field.names === "states") return this.states(token);
    const plain = (name) => name.toLowerCase().replace(/[- ]/g, "_");
    return [
      this.oneOf(
        { ...token, text: plain(token.text) },
        Object.fromEntries(names.map((name, code) => [plain(name), code])),
      ),
    ];
  }

  states(token) {
    const found = new Set();
    for (const word of token.text.split(",").map((one) => one.trim())) {
      const plain = word.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
      const named = record.groups[word.toLowerCase()] ||
        (record.spellings[plain] ? [record.spellings[plain]] : null);
      if (!named) {
        throw this.wrong(
          token,
          `there is no state '${token.text}'`,
          nearest(token.text, [...states, ...Object.keys(record.groups)]),
        );
      }
      named.forEach((name) => found.add(name));
    }
    return states.flatMap((name, code) => (found.has(name) ? [code] : []));
  }

  finding(token) {
    const wanted = token.text.toLowerCase();
    for (const [id, { name }] of Object.entries(record.diagnoses)) {
      if (id.toLowerCase() === wanted || name.toLowerCase() === wanted) return id;
    }
    throw this.wrong(
      token,
      `there is no diagnosis '${token.text}'`,
      nearest(token.text, Object.keys(record.diagnoses)),
    );
  }

  net(token) {
    const net = readNet(token.text);
    if (!net) {
      throw this.wrong(
        token,
        `'${token.text}' is neither an address nor a net`,
        "10.0.0.1, 10.0.0.0/8, 2001:db8::/32",
      );
    }
    return net;
  }
}

function whole(digits, unit) {
  const [before, behind = ""] = digits.split(".");
  return Number(
    BigInt(before) * BigInt(unit) +
      (behind ? (BigInt(behind) * BigInt(unit)) / 10n ** BigInt(behind.length) : 0n),
  );
}

/* An address or a net as its first and its last address, each a number. */
function readNet(text) {
  const [address, length, ...more] = text.split("/");
  const read = readAddress(address);
  if (!read || more.length) return null;
  const bits = read.version === 4 ? 32 : 128;
  let kept = bits;
  if (length !== undefined) {
    const mask = read.version === 4 && readAddress(length);
    kept = mask
      ? mask.value.toString(2).replace(/0+$/, "").length
      : /^\d{1,3}$/.test(length)
      ? Number(length)
      : NaN;
    if (!(kept <= bits)) return null;
  }
  const free = (1n << BigInt(bits - kept)) - 1n;
  return { version: read.version, first: read.value & ~free, last: read.value | free };
}

function readAddress(text) {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four) {
    const parts = four.slice(1);
    if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part[0] === "0"))) return null;
    return { version: 4, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  }
  return text.includes(":") ? readLong(text.split("%")[0]) : null;
}

function readLong(text) {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail) {
    const four = readAddress(tail[2]);
    if (!four) return null;
    text = `${tail[1]}${(four.value >> 16n).toString(16)}:${(four.value & 0xffffn).toString(16)}`;
  }
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [before, behind = []] = halves.map((half) => (half ? half.split(":") : []));
  const missing = 8 - before.length - behind.length;
  if (halves.length === 2 ? missing < 1 : missing) return null;
  const groups = [...before, ...Array(Math.max(0, missing)).fill("0"), ...behind];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return null;
  return { version: 6, value: groups.reduce((sum, group) => sum * 65536n + BigInt(parseInt(group, 16)), 0n) };
}
