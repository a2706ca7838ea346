import { spawnSync } from "node:child_process"

/** Whole processes, timed in turn: a, b, a, b, … so that a drift of the machine hits both. */
export interface Command {
  readonly name: string
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

export interface Figures {
  readonly name: string
  readonly median: number
  readonly min: number
  readonly max: number
}

const once = ({ args, cwd, env, file, name }: Command): number => {
  const start = process.hrtime.bigint()
  const { error, status } = spawnSync(file, args, {
    stdio: "ignore",
    ...(cwd === undefined ? {} : { cwd }),
    env: env ?? process.env
  })
  if (error !== undefined || status !== 0) throw new Error(`${name} ended with ${error?.message ?? String(status)}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

const sorted = (values: ReadonlyArray<number>): ReadonlyArray<number> => values.toSorted((a, b) => a - b)

export const median = (values: ReadonlyArray<number>): number => {
  const [low = Number.NaN, high = low] = sorted(values).slice(Math.ceil(values.length / 2) - 1)
  return values.length % 2 === 0 ? (low + high) / 2 : low
}

/** Milliseconds of each command over `runs` rounds, after one that is not counted. */
export const inTurn = (commands: ReadonlyArray<Command>, runs: number): ReadonlyArray<Figures> => {
  const times = commands.map((): Array<number> => [])
  for (let round = -1; round < runs; round++) {
    for (const [index, command] of commands.entries()) {
      const elapsed = once(command)
      if (round >= 0) times[index]?.push(elapsed)
    }
  }
  return commands.map(({ name }, index) => {
    const values = sorted(times[index] ?? [])
    return { name, median: median(values), min: values[0] ?? Number.NaN, max: values.at(-1) ?? Number.NaN }
  })
}
