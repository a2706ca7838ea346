/** Values laid out over lines of at most eighty characters, keys in order. */
import { compare } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import { repr } from "./Print.ts"
import type { Run } from "./Run.ts"
import type { Value } from "./Value.ts"
import { isList, isText, Tuple } from "./Value.ts"

const width = 80

const ordered = (dict: Dict, run: Run): Dict => {
  const pairs = [...dict.entries()]
  const comparable = pairs.every(([key]) => isText(key)) || pairs.every(([key]) => typeof key === "bigint")
  return Dict.from(comparable ? pairs.toSorted(([left], [right]) => compare(left, right, run)) : pairs)
}

const sortedDeep = (value: Value, run: Run): Value => {
  run.step()
  if (isList(value)) return value.map((item) => sortedDeep(item, run))
  if (value instanceof Tuple) return new Tuple(value.items.map((item) => sortedDeep(item, run)))
  if (!(value instanceof Dict)) return value
  return Dict.from(Array.from(ordered(value, run).entries(), ([key, item]) => [key, sortedDeep(item, run)] as const))
}

const laid = (value: Value, indent: number, after: number, run: Run): string => {
  const flat = repr(value, run)
  if (flat.length <= width - indent - after) return flat
  const pad = `\n${" ".repeat(indent + 1)}`
  run.build(pad.length * 2)
  if (value instanceof Dict) {
    const entries = [...value.entries()]
    const lines = entries.map(([key, item], index) => {
      const head = `${repr(key, run)}: `
      const last = index === entries.length - 1
      return head + laid(item, indent + 1 + head.length, last ? after + 1 : 1, run)
    })
    return `{${lines.join(`,${pad}`)}}`
  }
  const items = isList(value) ? value : value instanceof Tuple ? value.items : undefined
  if (items === undefined) return flat
  const lines = items.map((item, index) => laid(item, indent + 1, index === items.length - 1 ? after + 1 : 1, run))
  const body = lines.join(`,${pad}`)
  return isList(value) ? `[${body}]` : `(${body}${items.length === 1 ? ",)" : ")"}`
}

export const write = (value: Value, run: Run): string => {
  repr(value, run)
  return laid(sortedDeep(value, run), 0, 0, run)
}
