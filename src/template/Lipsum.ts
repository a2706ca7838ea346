/** Filler text: sentences of made-up words, the same each time it is asked for. */
import { failure } from "./Fault.ts"
import type { Given } from "./Operation.ts"
import { integer, operation } from "./Operation.ts"
import type { Run } from "./Run.ts"
import type { Value } from "./Value.ts"
import { Markup, Native, truthy } from "./Value.ts"

const words =
  "sol amber tide lantern vesta corum mirel harbor ondine praxis levo senta ferrum willow auralis nocturn pebble quarry sylva tempo umber vireo weir zephyr"
    .split(" ")

const sentence = 9
const clause = 4

/** Steps through the list by a number that shares no factor with its length, so that neighbours differ. */
const wordAt = (index: number): string => words[(index * 7) % words.length] ?? ""

const paragraph = (start: number, count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const word = wordAt(start + index)
    const place = index % sentence
    const shown = place === 0 ? `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}` : word
    if (index === count - 1 || place === sentence - 1) return `${shown}.`
    return place === clause ? `${shown},` : shown
  }).join(" ")

const lipsum = ([n, html, min, max]: Given, run: Run): Value => {
  const paragraphs = Math.max(0, integer(n, 5))
  const least = integer(min, 20)
  const most = integer(max, 100)
  if (paragraphs > 0 && most <= least) throw failure("max has to be larger than min")
  run.hold(paragraphs)
  run.build(paragraphs * Math.max(0, most) * 8)
  const made: Array<string> = []
  let start = 0
  for (let index = 0; index < paragraphs; index++) {
    const count = Math.max(0, least + (index * 17) % (most - least))
    made.push(paragraph(start, count))
    start += count
  }
  return html === undefined || truthy(html)
    ? new Markup(made.map((text) => `<p>${text}</p>`).join("\n"))
    : made.join("\n\n")
}

const bound = operation("n? html? min? max?", (_, given, run) => lipsum(given, run))

export const lipsumFunction = new Native({
  typeName: "function",
  shown: () => "<function lipsum>",
  call: (args, named, run) => bound(null, args, named, run)
})
