import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { join, relative } from "node:path"
import process from "node:process"
import { median } from "../Measure.ts"
import * as Method from "./Method.ts"

/** Workloads on this runtime and on its peers: every repetition runs each peer once, in a fresh process, so that a drift hits all. */
export interface Workload {
  readonly id: string
  readonly what: string
  /** What the runner of the peers is told. */
  readonly args: ReadonlyArray<string>
  /** What the reference's script is told. */
  readonly reference?: ReadonlyArray<string>
  /** The figure that is compared, where it is not the CPU of a leaf. */
  readonly figure?: "wall_ms" | "cpu_ms"
  /** Milliseconds that nobody can be faster than: with it, ratios are to the ideal. */
  readonly ideal?: number
}

export const workloads: ReadonlyArray<Workload> = [
  { id: "W1", what: "one call per run", args: ["seq", "n=1000", "ms=0"], reference: ["seq", "100"] },
  {
    id: "W2a",
    what: "2,000 calls of 20 ms, 8 at a time",
    args: ["fan", "n=2000", "c=8", "ms=20"],
    figure: "wall_ms",
    ideal: 5000
  },
  {
    id: "W2b",
    what: "2,000 calls of 20 ms, 64 at a time",
    args: ["fan", "n=2000", "c=64", "ms=20"],
    figure: "wall_ms",
    ideal: 640
  },
  { id: "W2c", what: "2,000 calls at once answered, 8 at a time", args: ["fan", "n=2000", "c=8", "ms=0"] },
  { id: "W3", what: "a chain of ten calls per run", args: ["chain", "r=200", "ms=0"], reference: ["chain", "20"] },
  { id: "W4", what: "one object per run", args: ["obj", "n=500", "ms=0"], reference: ["obj", "50"] },
  { id: "W5", what: "leaves that call nobody", args: ["noop", "n=20000", "c=8"] },
  { id: "W6", what: "start to first answer", args: ["cold"], reference: ["cold"], figure: "cpu_ms" }
]

export interface Measured {
  readonly id: string
  readonly repetition: number
  readonly peer: string
  /** Nothing where the peer cannot do it. */
  readonly value: number | undefined
  readonly raw: unknown
}

const free = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" && address !== null ? address.port : 0
}

/** The fake provider of the peers, on a port of its own. */
export const serve = async (peers: string): Promise<{ readonly server: ChildProcess; readonly base: string }> => {
  const port = await free()
  const server = spawn(process.execPath, [join(peers, "server.mjs"), String(port)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  await once(server.stdout, "data")
  return { server, base: `http://127.0.0.1:${port}` }
}

/** The name by which the runner of the peers imports this runtime. */
export const ours = (peers: string): string => relative(join(peers, "peers"), join(import.meta.dirname, "Pipelex"))

/** The figures of a runner, without the name of the peer: it is a path where the peer is this runtime. */
const lastLine = (text: string): unknown => {
  try {
    return JSON.parse(text.trim().split("\n").at(-1) ?? "", (key, value: unknown) => key === "peer" ? undefined : value)
  } catch {
    return undefined
  }
}

const figureOf = (raw: unknown, key: string): number | undefined => {
  const value = typeof raw === "object" && raw !== null ? Object.entries(raw).find(([name]) => name === key)?.[1] : raw
  return typeof value === "number" ? value : undefined
}

export interface Setting {
  readonly peers: string
  readonly base: string
  /** An interpreter that has the reference installed. */
  readonly python: string | undefined
}

export const reference = "reference"

/** This runtime as a user starts it: `pipelex run` of a method of one step, as built. */
export const commandLine = "pipelex run"

/** Tells the CPU of a whole process, which only the process itself can. */
const telling = "data:text/javascript," + encodeURIComponent(
  "process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write('\\n'+JSON.stringify({cpu_ms:(user+system)/1000}))})"
)

/** One run from the command line, in a folder of its own. */
const runOnce = (base: string): unknown => {
  const folder = Method.write({ base })
  const program = join(import.meta.dirname, "../../dist/pipelex.js")
  const args = [
    "--import",
    telling,
    program,
    "run",
    "bundle",
    "one.mthds",
    "-i",
    "{\"text\": \"Summarise.\"}",
    "--no-graph",
    "-q"
  ]
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, [Method.key]: "x", PIPELEX_HOME: folder },
    stdio: ["ignore", "ignore", "pipe"]
  })
  return status === 0 ? lastLine(stderr) : undefined
}

/** One measurement, in a process of its own. */
export const measure = (peer: string, workload: Workload, { base, peers, python }: Setting): unknown => {
  if (peer === commandLine) return workload.id === "W6" ? runOnce(base) : undefined
  const [file, args] = peer === reference
    ? [python, workload.reference && [join("pipelex", "bench_pipelex.py"), ...workload.reference]]
    : [process.execPath, ["--no-warnings", "run.ts", peer, ...workload.args]]
  if (file === undefined || args === undefined) return undefined
  const { stdout } = spawnSync(file, args, {
    cwd: peers,
    encoding: "utf8",
    timeout: 240_000,
    env: { ...process.env, BENCH_BASE: base },
    stdio: ["ignore", "pipe", "ignore"]
  })
  return lastLine(stdout)
}

/** Every peer on every workload, the order turned by one with each repetition. */
export function* matrix(
  names: ReadonlyArray<string>,
  chosen: ReadonlyArray<Workload>,
  repetitions: number,
  setting: Setting
): Generator<Measured> {
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const turned = [...names.slice(repetition % names.length), ...names.slice(0, repetition % names.length)]
    for (const workload of chosen) {
      for (const peer of turned) {
        const raw = measure(peer, workload, setting)
        yield { id: workload.id, repetition, peer, value: figureOf(raw, workload.figure ?? "us_cpu"), raw }
      }
    }
  }
}

export interface Row {
  readonly peer: string
  readonly median: number
  /** Of the ratios within each repetition, to `raw` or to the ideal. */
  readonly ratio: number
}

/** What came out of a workload. Peers that could not do it are left out. */
export const rows = (
  measured: ReadonlyArray<Measured>,
  { id, ideal }: Workload,
  names: ReadonlyArray<string>
): ReadonlyArray<Row> => {
  const those = measured.filter((each) => each.id === id)
  const beside = (repetition: number): number | undefined =>
    ideal ?? those.find((each) => each.peer === "raw" && each.repetition === repetition)?.value
  return names.flatMap((peer) => {
    const own = those.flatMap(({ peer: of, repetition, value }) =>
      of === peer && value !== undefined ? [{ value, ratio: value / (beside(repetition) ?? Number.NaN) }] : []
    )
    return own.length === 0
      ? []
      : [{ peer, median: median(own.map(({ value }) => value)), ratio: median(own.map(({ ratio }) => ratio)) }]
  })
}
