/** Filters on sequences. The lazy ones give a stream, which can be walked once. */
import { operate } from "./Arithmetic.ts"
import { compare, equals, textOf } from "./Compare.ts"
import { Dict, slotOf } from "./Dict.ts"
import { failure, Raised, undefinedRead } from "./Fault.ts"
import { iterate, measure } from "./Iterate.ts"
import type { Open, Table } from "./Operation.ts"
import { integer, operation, table, text } from "./Operation.ts"
import type { Reader } from "./Readers.ts"
import { attributeReader, keyReader, onlyAttribute } from "./Readers.ts"
import type { Run } from "./Run.ts"
import { points } from "./Text.ts"
import type { Named, Value } from "./Value.ts"
import { isList, isNumber, isText, Markup, Stream, truthy, Tuple, typeName, Undefined } from "./Value.ts"

const isOn = (value: Value | undefined): boolean => value !== undefined && truthy(value)

const stream = (open: () => ReadonlyArray<Value>): Stream => new Stream("generator", open)

/** Sorting spends before it starts: a comparison may be long, and the host decides how many there are. */
const sorted = (items: ReadonlyArray<Value>, key: Reader, reverse: boolean, run: Run): ReadonlyArray<Value> => {
  run.hold(items.length * 3)
  const keyed = items.map((item) => [key(item), item] as const)
  const order = (left: Value, right: Value): number => compare(left, right, run) || 0
  if (keyed.length === 1) return items
  return keyed.toSorted(([left], [right]) => reverse ? order(right, left) : order(left, right)).map(([, item]) => item)
}

/** Sorting by several attributes: `sort(attribute="city,age")`. */
const sortKey = (path: Value | undefined, caseSensitive: boolean, run: Run): Reader => {
  if (path === undefined || !isText(path) || !textOf(path).includes(",")) return keyReader(path, caseSensitive, run)
  const readers = textOf(path).split(",").map((part) => keyReader(part, caseSensitive, run))
  return (value) => readers.map((read) => read(value))
}

const sort = operation("reverse? case_sensitive? attribute?", (value, [reverse, caseSensitive, path], run) => {
  if (reverse !== undefined && !isNumber(reverse)) throw failure("reverse is true or false")
  return sorted(iterate(value, run), sortKey(path, isOn(caseSensitive), run), isOn(reverse), run)
})

const dictsort = operation("case_sensitive? by? reverse?", (value, [caseSensitive, by, reverse], run) => {
  if (!(value instanceof Dict)) throw failure("dictsort needs a mapping")
  const side = ["key", "value"].indexOf(text(by, "key"))
  if (side === -1) throw failure("dictsort sorts by key or by value")
  const key = keyReader(undefined, isOn(caseSensitive), run)
  const pairs = Array.from(value.entries(), (pair) => new Tuple(pair))
  const keyed = (pair: Value): Value => key(pair instanceof Tuple ? pair.items[side] ?? null : null)
  return sorted(pairs, keyed, isOn(reverse), run)
})

const best = (sign: 1 | -1): Open =>
  operation("case_sensitive? attribute?", (value, [caseSensitive, path], run) => {
    const key = keyReader(path, isOn(caseSensitive), run)
    const [first, ...more] = iterate(value, run)
    if (first === undefined) return new Undefined()
    run.hold(more.length)
    let winner = first
    let winning = key(first)
    for (const item of more) {
      const candidate = key(item)
      if (compare(candidate, winning, run) * sign > 0) [winner, winning] = [item, candidate]
    }
    return winner
  })

const unique = operation("case_sensitive? attribute?", (value, [caseSensitive, path], run) =>
  stream(() => {
    const key = keyReader(path, isOn(caseSensitive), run)
    const seen = new Set<unknown>()
    return iterate(value, run).filter((item) => {
      run.step()
      const slot = slotOf(key(item))
      const fresh = !seen.has(slot)
      seen.add(slot)
      return fresh
    })
  }))

const groupby = operation("attribute default? case_sensitive?", (value, [path, otherwise, caseSensitive], run) => {
  const sensitive = isOn(caseSensitive)
  const key = keyReader(path, sensitive, run, otherwise)
  const original = keyReader(path, true, run, otherwise)
  const groups: Array<{ readonly key: Value; readonly items: Array<Value> }> = []
  for (const item of sorted(iterate(value, run), key, false, run)) {
    const current = key(item)
    const last = groups.at(-1)
    if (last !== undefined && equals(last.key, current, run)) last.items.push(item)
    else groups.push({ key: current, items: [item] })
  }
  return groups.map((group) =>
    new Tuple([sensitive ? group.key : original(group.items[0] ?? null), group.items], ["grouper", "list"])
  )
})

const sum = operation("attribute? start?", (value, [path, start], run) => {
  const read = path === undefined || path === null ? undefined : attributeReader(path, run)
  if (isText(start ?? null)) throw failure("texts are joined, not summed")
  let total: Value = start ?? 0n
  for (const item of iterate(value, run)) {
    run.step()
    total = operate("+", total, read === undefined ? item : read(item), run)
  }
  return total
})

const batch = operation("linecount fill_with?", (value, [count, fill], run) =>
  stream(() => {
    const size = integer(count, 0)
    const items = iterate(value, run)
    run.hold(items.length * 2)
    if (size <= 0 && items.length > 0) return size === 0 ? [[], items] : [items]
    const rows: Array<Array<Value>> = []
    for (let at = 0; at < items.length; at += size) rows.push(items.slice(at, at + size))
    const last = rows.at(-1)
    if (last !== undefined && fill !== undefined && fill !== null) {
      run.hold(size - last.length)
      while (last.length < size) last.push(fill)
    }
    return rows
  }))

const sliced = operation("slices fill_with?", (value, [count, fill], run) =>
  stream(() => {
    const items = iterate(value, run)
    const slices = integer(count, 0)
    if (slices === 0) throw failure("a slice into no parts")
    run.hold(items.length + Math.max(0, slices) * 2)
    const size = Math.floor(items.length / slices)
    const longer = items.length - size * slices
    return Array.from({ length: Math.max(0, slices) }, (_, index) => {
      const start = index * size + Math.min(index, longer)
      const part = items.slice(start, start + size + (index < longer ? 1 : 0))
      return fill !== undefined && fill !== null && index >= longer ? [...part, fill] : part
    })
  }))

const reverse = operation("", (value, _, run): Value => {
  if (isText(value)) {
    run.build(textOf(value).length * 4)
    const reversed = points(textOf(value)).toReversed().join("")
    return value instanceof Markup ? new Markup(reversed) : reversed
  }
  const items = iterate(value, run)
  run.hold(items.length)
  const reversed = items.toReversed()
  return value instanceof Stream || value instanceof Undefined
    ? reversed
    : new Stream("reverse_iterator", () => reversed)
})

const named = (kind: "filter" | "test", library: Table, name: Value | undefined): Open => {
  const word = name === undefined ? undefined : text(name)
  const open = word === undefined ? undefined : library.get(word)
  if (open === undefined) throw new Raised("invalid", `there is no such ${kind}`)
  return open
}

type Mapper = (args: ReadonlyArray<Value>, options: Named, run: Run) => Reader

const mapper: Mapper = (args, options, run) => {
  if (args.length === 0 && options.has("attribute")) {
    const unknown = [...options.keys()].some((key) => key !== "attribute" && key !== "default")
    if (unknown) throw failure("an argument is unknown")
    return attributeReader(options.get("attribute") ?? null, run, options.get("default"))
  }
  const open = named("filter", run.library.filters, args[0])
  return (item) => open(item, args.slice(1), options, run)
}

const map: Open = (value, args, options, run) => {
  return stream(() => {
    if (!truthy(value)) return []
    const apply = mapper(args, options, run)
    return iterate(value, run).map((item) => {
      run.step()
      run.hold(1)
      return apply(item)
    })
  })
}

const tester: Mapper = (args, options, run) => {
  if (args.length === 0) return (item) => truthy(item)
  const open = named("test", run.library.tests, args[0])
  return (item) => open(item, args.slice(1), options, run)
}

const chosen = (keep: boolean, byAttribute: boolean): Open => (value, args, options, run) => {
  return stream(() => {
    if (!truthy(value)) return []
    const [path, ...rest] = args
    if (byAttribute && path === undefined) throw failure("an attribute is needed")
    const read: Reader = byAttribute ? attributeReader(path ?? null, run) : (item) => item
    const passes = tester(byAttribute ? rest : args, options, run)
    return iterate(value, run).filter((item) => {
      run.step()
      return truthy(passes(read(item))) === keep
    })
  })
}

const first = operation("", (value, _, run) => {
  const item = value instanceof Stream ? value.next() : iterate(value, run)[0]
  return item === undefined ? new Undefined() : item
})

const last = operation("", (value, _, run) => {
  if (value instanceof Stream) throw failure("a value that can be walked once has no last item")
  const item = iterate(value, run).at(-1)
  return item === undefined ? new Undefined() : item
})

const length = operation("", (value, _, run) => {
  const size = measure(value, run)
  if (size === undefined) throw failure(`a value of type ${typeName(value)} has no length`)
  return BigInt(size)
})

const list = operation("", (value, _, run) => {
  const items = iterate(value, run)
  if (isList(value)) run.hold(items.length)
  return items
})

const items = operation("", (value, _, run) => {
  if (value instanceof Undefined) return stream(() => [])
  return stream(() => {
    if (!(value instanceof Dict)) throw failure("items needs a mapping")
    run.hold(value.size * 2)
    return Array.from(value.entries(), (pair) => new Tuple(pair))
  })
})

const attr = operation("name", (value, [name], run) => {
  if (value instanceof Undefined) throw undefinedRead(value.name, "reading an attribute of")
  if (value instanceof Dict) {
    const own = onlyAttribute(Dict.from([]), text(name), run)
    return own instanceof Undefined ? own : onlyAttribute(value, text(name), run)
  }
  return onlyAttribute(value, text(name), run)
})

export const sequenceFilters: Table = table({
  attr,
  batch,
  count: length,
  dictsort,
  first,
  groupby,
  items,
  last,
  length,
  list,
  map,
  max: best(1),
  min: best(-1),
  reject: chosen(false, false),
  rejectattr: chosen(false, true),
  reverse,
  select: chosen(true, false),
  selectattr: chosen(true, true),
  slice: sliced,
  sort,
  sum,
  unique
})
