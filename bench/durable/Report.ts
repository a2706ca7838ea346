import { readFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import process from "node:process"
import { median } from "../Measure.ts"
import type { Measured } from "./Measure.ts"
import type { PeerName } from "./Peers.ts"
import type { Shape } from "./Shapes.ts"

/** The figures of a run as Markdown that explains itself. */
export interface Facts {
  /** Bytes of the workflows' code, by who is made of it. */
  readonly sizes: Readonly<Record<string, number>>
  /** The command that repeats the run. */
  readonly command: string
}

const number = (value: number, digits: number): string => value.toFixed(digits)

/** Of every repetition, least first: a median alone would hide how far they are apart. */
const spread = (values: ReadonlyArray<number>, digits: number): string => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted.length < 2
    ? number(sorted[0] ?? Number.NaN, digits)
    : `${number(median(sorted), digits)} (${number(sorted[0] ?? 0, digits)}–${number(sorted.at(-1) ?? 0, digits)})`
}

/** One line as soon as it is known. */
export const progress = ({ cpu, history, peer, perSecond, repetition, rss, shape }: Measured): string =>
  [
    repetition,
    shape.padEnd(6),
    peer.padEnd(21),
    `${number(perSecond, 1).padStart(6)} items/s`,
    `${number(cpu, 2).padStart(6)} ms`,
    `${number(rss, 0).padStart(4)} MB`,
    ...(history === undefined ? [] : [`${history.events} events ${number(history.kilobytes, 0)} kB`])
  ].join(" ")

const row = (cells: ReadonlyArray<string | number>): string => `| ${cells.join(" | ")} |`

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  [row(head), row(head.map((_, at) => at === 0 ? "---" : "---:")), ...rows.map(row)].join("\n")

const of = (measured: ReadonlyArray<Measured>, shape: Shape, peer: PeerName): ReadonlyArray<Measured> =>
  measured.filter((each) => each.shape === shape.id && each.peer === peer)

const figures = (shape: Shape, measured: ReadonlyArray<Measured>): string => {
  const rows = shape.peers.map((peer) => {
    const found = of(measured, shape, peer)
    const histories = found.flatMap(({ history }) => history === undefined ? [] : [history])
    return [
      peer,
      spread(found.map(({ perSecond }) => perSecond), 1),
      spread(found.map(({ cpu }) => cpu), 2),
      number(median(found.map(({ rss }) => rss)), 0),
      ...(shape.kind === "one" ? [] : [
        median(histories.map(({ tasks }) => tasks)),
        median(histories.map(({ events }) => events)),
        number(median(histories.map(({ kilobytes }) => kilobytes)), 0)
      ])
    ]
  })
  const head = ["", "items/s", "worker CPU, ms/item", "peak RSS, MB"]
  const batch = ["workflow tasks", "events", "history, kB"]
  return [`### ${shape.id}: ${shape.what}`, table(shape.kind === "one" ? head : [...head, ...batch], rows)].join("\n\n")
}

/** Of the same repetition: what slows the machine for a while slows both. */
const paired = (
  measured: ReadonlyArray<Measured>,
  shape: Shape,
  own: PeerName,
  other: PeerName,
  figure: (of: Measured) => number
): ReadonlyArray<number> =>
  of(measured, shape, own).flatMap((mine) => {
    const theirs = of(measured, shape, other).find(({ repetition }) => repetition === mine.repetition)
    return theirs === undefined ? [] : [figure(mine) / figure(theirs)]
  })

const isOurs = (peer: PeerName): boolean => peer.startsWith("ours")

const ratios = (shapes: ReadonlyArray<Shape>, measured: ReadonlyArray<Measured>): string =>
  table(
    ["", "items/s", "worker CPU"],
    shapes.flatMap((shape) =>
      shape.peers.filter(isOurs).flatMap((own) =>
        shape.peers.filter((peer) => !isOurs(peer)).map((other) => [
          `${shape.id}: ${own} / ${other}`,
          spread(paired(measured, shape, own, other, ({ perSecond }) => perSecond), 2),
          spread(paired(measured, shape, own, other, ({ cpu }) => cpu), 2)
        ])
      )
    )
  )

const version = (name: string): string => {
  const { version: found }: { readonly version: string } = JSON.parse(
    readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8")
  )
  return `${name} ${found}`
}

const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), load average at the end ${
    number(loadavg()[0] ?? 0, 1)
  }, Node ${process.versions.node}, ${version("@temporalio/worker")}, ${version("effect")}`

const reading =
  `- \`ours\` is \`pipelex worker\` as built, with everything that it does by default: search attributes, summaries, events, costs.
- \`ours-shard\` has shards of 200 items, as by default, and \`ours-shard-500\` of 500. The development server passes work from one workflow
  to the next up to 20 times a second, so that a hand-over between shards takes a tenth of a second there: the wider a batch, the longer
  its shards should be.
- \`raw\` is the SDK with workflows of a few lines (\`bench/durable/RawWorkflows.ts\`), minified, in a worker with the options of ours; its
  leaf is the \`openai\` SDK on the transport of ours, with heartbeats. \`defaults\` leaves options, code and transport as the SDKs have them.
- CPU is user and system time of the worker's process alone, which it tells itself; server, submitter and provider are other processes.
- Items per second are those of one worker, with the server on the same cores: the server is most of what they say, so read the ratios.
- A ratio is of two runs of the same repetition, which follow each other. Aims: for \`a\` and \`b\` at least 0.8 of the items (better 0.9) for
  at most 1.4 of the CPU (better 1.3); for \`c\` at least 5 × \`raw-child\` and 0.9 × \`raw-activity\`.
- The reference, 0.92.2, on the same kind of machine: 6 items per second in a batch of 200, and a batch of 500 never ends, since the server
  stops it at 50 MB of history. These figures are cited, not measured by this command.`

export const markdown = (shapes: ReadonlyArray<Shape>, measured: ReadonlyArray<Measured>, facts: Facts): string => {
  const repetitions = Math.max(...measured.map(({ repetition }) => repetition)) + 1
  const sizes = Object.entries(facts.sizes).map(([name, bytes]) => `${name} ${number(bytes / 1000, 0)} kB`).join(", ")
  return `# Durable runs beside the SDK alone

\`${facts.command}\`: every shape by every peer, each in a fresh worker on a fresh server, ${repetitions} repetitions in turn; median, and in brackets the
least and the most.

${machine()}.

Code of the workflows: ${sizes}.

## How to read it

${reading}

## Ratios

${ratios(shapes, measured)}

## Figures

${shapes.map((shape) => figures(shape, measured)).join("\n\n")}
`
}
