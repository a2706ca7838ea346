import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"

/**
 * The variables of a run: the process environment, over `.env` of the working directory, over `.env` of the home folder. Values may be
 * secrets: they stay behind functions, so that nothing shows them by printing this.
 */
export interface Environment {
  /** Nothing for a variable that is not set, or set to nothing. */
  readonly get: (name: string) => string | undefined
  readonly origin: (name: string) => Origin | undefined
}

export interface Origin {
  /** `environment`, or the `.env` file. */
  readonly from: string
  /** Files that say something else of the variable and are not heard. */
  readonly unheard: ReadonlyArray<string>
}

/** Where a `.env` is looked for. */
export interface Places {
  readonly home?: string
  readonly cwd?: string
}

interface Source {
  readonly from: string
  readonly values: ReadonlyMap<string, string>
}

/** Says where the files are, so it cannot be said in one of them. */
const notInFiles = "PIPELEX_HOME"

/** Every variable of a provider. One reads variables as paths, with the parts between underscores as steps. */
const valuesOf = (
  provider: ConfigProvider.ConfigProvider,
  path: ReadonlyArray<string> = []
): Effect.Effect<ReadonlyArray<readonly [name: string, value: string]>> =>
  Effect.flatMap(Effect.orElseSucceed(provider.load(path), () => undefined), (node) => {
    if (node === undefined) return Effect.succeed([])
    const own = node.value === undefined || node.value === "" ? [] : [[path.join("_"), node.value] as const]
    const steps = node._tag === "Record"
      ? Array.from(node.keys)
      : node._tag === "Array"
      ? Array.from({ length: node.length }, (_, index) => String(index))
      : []
    return Effect.map(
      Effect.forEach(steps, (step) => valuesOf(provider, [...path, step])),
      (below) => [...own, ...below.flat()]
    )
  })

/** A folder of that name is common, and is no file of variables. */
const file = Effect.fnUntraced(function*(from: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.orElseSucceed(fs.readFileString(from), () => "")
  const values = text === ""
    ? []
    : yield* valuesOf(ConfigProvider.fromDotEnvContents(text.replace(/^\uFEFF/, "")))
  const source: Source = { from, values: new Map(values.filter(([name]) => name !== notInFiles)) }
  return source
})

/** From the first source to the last, the first that has a variable being heard. */
const layered = (sources: ReadonlyArray<Source>): Environment => {
  const heard = (name: string) => sources.find(({ values }) => values.has(name))
  return {
    get: (name) => heard(name)?.values.get(name),
    origin: (name) => {
      const source = heard(name)
      if (source === undefined) return undefined
      const value = source.values.get(name)
      const others = sources.filter(({ values }) => values.has(name) && values.get(name) !== value)
      return { from: source.from, unheard: others.map(({ from }) => from) }
    }
  }
}

/** Reads the files once; the process environment is that of the `ConfigProvider`. */
export const load = Effect.fn("Environment.load")(function*({ cwd, home }: Places) {
  const path = yield* Path.Path
  const provider = yield* ConfigProvider.ConfigProvider
  const folders = new Set([cwd, home].filter((folder) => folder !== undefined))
  const files = yield* Effect.forEach(folders, (folder) => file(path.join(folder, ".env")))
  return layered([{ from: "environment", values: new Map(yield* valuesOf(provider)) }, ...files])
})
