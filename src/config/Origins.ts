import * as Effect from "effect/Effect"
import type { Json, JsonObject } from "../concept/Json.ts"
import * as Toml from "../source/Toml.ts"
import { at, type Document } from "./Document.ts"
import * as Spelling from "./Spelling.ts"

/** A file of `pipelex.toml`'s layers in canonical spelling, with the way back to how it is written. */
export interface Layer extends Document {
  readonly writtenAs: Spelling.Normalised["writtenAs"]
}

/** Where the value of a key comes from: the last layer that says it. */
export interface Origin {
  readonly path: ReadonlyArray<string>
  readonly value: Json
  readonly file: string
  readonly line: number
}

/** One for each key of the merged values, in their order. */
export const of = Effect.fn("Origins.of")(function*(layers: ReadonlyArray<Layer>, values: JsonObject) {
  const found = Spelling.leaves(values, []).flatMap(({ value, written }) => {
    const layer = layers.findLast((each) => at(each.values, written) !== undefined)
    return layer === undefined ? [] : [{ path: written, value, layer }]
  })
  const places = yield* Toml.place(
    found.map(({ layer, path }, index) => ({
      code: "pipelex.config.invalid",
      file: layer.file,
      message: "",
      path: layer.writtenAs(path),
      params: { index }
    })),
    new Map(layers.map(({ file, text }) => [file, text]))
  )
  const lines = new Map(places.map(({ params, position }) => [params?.["index"], position?.line ?? 1]))
  return found.map(({ layer, path, value }, index): Origin => ({
    path,
    value,
    file: layer.file,
    line: lines.get(index) ?? 1
  }))
})
