/** What a run carries of the model table is enough for it, and little more. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Locations from "../../src/config/Locations.ts"
import * as Packaged from "../../src/config/Packaged.ts"
import * as Crate from "../../src/library/Crate.ts"
import * as CrateModels from "../../src/library/CrateModels.ts"
import type { Deck, Family, Model, ModelTable as Table } from "../../src/program/Models.ts"
import * as ModelSlice from "../../src/program/ModelSlice.ts"
import * as ModelTable from "../../src/program/ModelTable.ts"
import { library, llm, pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"

const packaged = await Effect.runPromise(
  Effect.flatMap(Packaged.folder, (folder) => Configuration.load(Locations.packagedOnly(folder))).pipe(
    Effect.provide(Folder.layer)
  )
)

const families: ReadonlyArray<Family> = ["llm", "text_extractor", "img_gen", "search", "doc_gen", "judgment"]

/** Every way of naming something of a family. */
const namesOf = ({ decks, models }: Table, family: Family): ReadonlyArray<string> => [
  ...Object.keys(decks[family].presets).map((name) => `$${name}`),
  ...Object.keys(decks[family].aliases).map((name) => `@${name}`),
  ...Object.keys(decks[family].waterfalls).map((name) => `~${name}`),
  ...models.filter((model) => model.family === family).map(({ handle }) => handle)
]

const resolved = (table: Table, { choice, family }: ModelSlice.Named) =>
  choice === undefined ? undefined : ModelTable.resolve(table, family, choice)

const names = ["a", "b", "c", "d"] as const
const references = names.flatMap((name) => [name, `@${name}`, `~${name}`])
const Reference = Schema.Literals(references)
const Name = Schema.Literals(names)
const Aliases = Schema.Record(Name, Reference)
const Waterfalls = Schema.Record(Name, Schema.Array(Reference))
const Presets = Schema.Record(Name, Schema.Struct({ model: Reference, temperature: Schema.Literals([0, 1]) }))

const model = (handle: string): Model => ({
  handle,
  family: "llm",
  backend: "b",
  sdk: "s",
  modelId: handle,
  inputs: [],
  outputs: [],
  thinking: "none"
})

const nothing: Deck = { aliases: {}, waterfalls: {}, presets: {}, defaults: {}, overrides: {} }

describe("a slice of the model table", () => {
  it("resolves every packaged reference as the whole table does, and holds a fraction of it", () => {
    const table = packaged.models
    for (const family of families) {
      for (const choice of namesOf(table, family)) {
        const named = { family, choice }
        const slice = ModelSlice.slice(table, [named])
        assert.deepStrictEqual(resolved(slice, named), resolved(table, named), choice)
        for (const kind of Object.keys(table.decks[family].defaults)) {
          const standard = ModelTable.defaultChoice(slice, family, kind)
          assert.deepStrictEqual(standard, ModelTable.defaultChoice(table, family, kind))
          if (standard === undefined || kind === "quality") continue
          assert.deepStrictEqual(
            ModelTable.resolve(slice, family, standard),
            ModelTable.resolve(table, family, standard),
            `${family} ${kind}`
          )
        }
        assert.isBelow(slice.models.length, Math.max(20, table.models.length / 4), choice)
      }
    }
  })

  it.prop(
    "resolves any reference of any deck as the whole table does",
    [Aliases, Waterfalls, Presets, Schema.Array(Name), Schema.Array(Reference), Schema.Boolean],
    ([aliases, waterfalls, presets, served, chosen, isFallbackEnabled]) => {
      const deck: Deck = { ...nothing, aliases, waterfalls, presets, defaults: { text: "@a" } }
      const table: Table = {
        models: Array.from(new Set(served), model),
        unserved: { d: "off" },
        decks: {
          llm: deck,
          text_extractor: nothing,
          img_gen: nothing,
          search: nothing,
          doc_gen: nothing,
          judgment: nothing
        },
        isFallbackEnabled
      }
      const wanted = [...chosen, "$a", "$b"].map((choice) => ({ family: "llm" as const, choice }))
      const slice = ModelSlice.slice(table, wanted)
      for (const each of wanted) {
        const whole = resolved(table, each)
        // What a fault suggests comes of names that nothing of the run leads to.
        if (whole?._tag === "Failure" && whole.failure._tag === "Unknown") continue
        assert.deepStrictEqual(resolved(slice, each), whole, each.choice)
      }
    }
  )

  it("is made of what the pipes of a crate name, inline settings included", () => {
    const made = library([
      llm("first", {}, "Text", { model: "$factual" }),
      llm("second", {}, "Text", { model: { model: "reader", temperature: 0.3 } }),
      pipe("picture", "PipeImgGen", { output: "Image", prompt: "A cat" })
    ].join("\n"))
    const crate = Crate.of(made)
    assert.deepStrictEqual(
      CrateModels.references(crate).flatMap(({ choice, family }) => choice === undefined ? [] : [[family, choice]]),
      [["llm", "$factual"], ["llm", { model: "reader", temperature: 0.3 }]]
    )
    const slice = CrateModels.slice(made.surroundings.models, crate)
    assert.deepStrictEqual(slice.models.map(({ handle }) => handle), ["writer", "reader", "painter"])
    assert.isTrue(Crate.compile(crate, { models: slice })._tag === "Success")
  })

  it("that is answered by one backend names it everywhere but where documents are read", () => {
    const answered = ModelSlice.answeredBy(packaged.models, "simulated")
    for (const { backend, family, handle } of answered.models) {
      const own = packaged.models.models.find((each) => each.handle === handle && each.family === family)
      assert.strictEqual(backend, family === "text_extractor" ? own?.backend : "simulated")
    }
  })
})
