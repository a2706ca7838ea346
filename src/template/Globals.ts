/** What every template can call: `range`, `dict`, `namespace`, `cycler`, `joiner`, `lipsum`. */
import { Dict } from "./Dict.ts"
import { failure, refused } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import { lipsumFunction } from "./Lipsum.ts"
import { integer } from "./Operation.ts"
import type { Run } from "./Run.ts"
import type { Named, Value } from "./Value.ts"
import { Native, Range, Undefined } from "./Value.ts"

const longestRange = 100_000

const range = new Native({
  typeName: "function",
  shown: () => "<function range>",
  call: (args, named) => {
    if (named.size > 0 || args.length === 0 || args.length > 3) throw failure("range takes one to three numbers")
    const [first, second, third] = args.map((value) => integer(value, 0))
    if (third === 0) throw failure("the step of a range is not zero")
    const made = second === undefined ? new Range(0, first ?? 0, 1) : new Range(first ?? 0, second, third ?? 1)
    if (made.length > longestRange) throw failure("a range too long")
    return made
  }
})

const pairOf = (value: Value, run: Run): readonly [Value, Value] => {
  const [key, item, ...more] = iterate(value, run)
  if (key === undefined || item === undefined || more.length > 0) throw failure("pairs are needed")
  return [key, item]
}

const collected = (args: ReadonlyArray<Value>, named: Named, run: Run): Dict => {
  const [base, ...more] = args
  if (more.length > 0) throw failure("too many arguments")
  const pairs = base === undefined
    ? []
    : base instanceof Dict
    ? base.entries()
    : iterate(base, run).map((value) => pairOf(value, run))
  const dict = Dict.from(pairs)
  for (const [name, value] of named) dict.set(name, value)
  run.hold(dict.size * 2)
  return dict
}

const dict = new Native({
  typeName: "type",
  shown: () => "<class 'dict'>",
  attribute: (name) => {
    throw refused(name)
  },
  call: collected
})

const namespace = new Native({
  typeName: "type",
  shown: () => "<class 'namespace'>",
  call: (args, named, run) => {
    const fields = collected(args, named, run)
    return new Native({
      typeName: "Namespace",
      attribute: (name) => fields.get(name),
      assign: (name, value) => fields.set(name, value),
      shown: () => fields
    })
  }
})

const method = (call: () => Value): Native => new Native({ typeName: "method", call })

const cycler = new Native({
  typeName: "type",
  shown: () => "<class 'cycler'>",
  call: (items, named) => {
    if (items.length === 0 || named.size > 0) throw failure("a cycler needs at least one item")
    let at = 0
    const current = (): Value => items[at] ?? new Undefined()
    const next = method(() => {
      const value = current()
      at = (at + 1) % items.length
      return value
    })
    const reset = method(() => {
      at = 0
      return null
    })
    const attributes: ReadonlyMap<string, () => Value> = new Map([
      ["current", current],
      ["next", () => next],
      ["reset", () => reset],
      ["pos", () => BigInt(at)],
      ["items", () => items]
    ])
    return new Native({ typeName: "Cycler", attribute: (name) => attributes.get(name)?.() })
  }
})

const joiner = new Native({
  typeName: "type",
  shown: () => "<class 'joiner'>",
  call: (args, named) => {
    const separator = args[0] ?? named.get("sep") ?? ", "
    let used = false
    return new Native({
      typeName: "Joiner",
      attribute: (name) => name === "sep" ? separator : name === "used" ? used : undefined,
      call: () => {
        const text = used ? separator : ""
        used = true
        return text
      }
    })
  }
})

export const globals: ReadonlyMap<string, Value> = new Map(
  Object.entries({ range, dict, namespace, cycler, joiner, lipsum: lipsumFunction })
)
