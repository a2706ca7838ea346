import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Deck, Model, ModelTable as Table } from "../../src/program/Models.ts"
import * as ModelTable from "../../src/program/ModelTable.ts"

const model = (handle: string, more: Partial<Model> = {}): Model => ({
  handle,
  family: "llm",
  backend: "openai",
  sdk: "openai",
  modelId: handle,
  inputs: ["text"],
  outputs: ["text"],
  thinking: "none",
  ...more
})
const empty: Deck = { aliases: {}, waterfalls: {}, presets: {}, defaults: {}, overrides: {} }
const llm: Deck = {
  aliases: {
    general: "mini",
    fancy: "~best",
    chained: "@fancy",
    broken: "gone",
    looped: "@looped-too",
    "looped-too": "@looped",
    mini: "big"
  },
  waterfalls: {
    best: ["gone", "@general", "big"],
    none: ["gone", "off"],
    "only-off": ["off"],
    nested: ["~none", "~best"]
  },
  presets: {
    factual: { model: "@general", temperature: 0.1, maxTokens: 9, description: "d" },
    unplaced: { model: "@nowhere", temperature: 0.1 },
    off: { model: "off", temperature: 0.1 },
    circular: { model: "$factual", temperature: 0.1 }
  },
  defaults: { text: "@general", object: "$factual" },
  overrides: { text: "disabled", object: "big" },
  defaultTemperature: 0.5
}
const table: Table = {
  models: [
    model("mini"),
    model("big", { thinking: "manual", inputs: ["text", "images", "pdf"], maxPromptImages: 2 }),
    model("painter", { family: "img_gen" })
  ],
  unserved: { off: "ollama" },
  decks: {
    llm,
    img_gen: { ...empty, defaults: { default: "painter", quality: "medium" } },
    text_extractor: empty,
    search: empty,
    doc_gen: { ...empty, defaults: { "pdf.layout": "engine" } },
    judgment: empty
  },
  isFallbackEnabled: true
}

const resolve = (choice: ModelTable.Choice, from: Table = table) => {
  const result = ModelTable.resolve(from, "llm", choice)
  return Result.isSuccess(result) ? { handle: result.success.model.handle, ...result.success.settings } : result.failure
}
const tag = (choice: ModelTable.Choice) => {
  const found = resolve(choice)
  return "_tag" in found ? found._tag : found.handle
}

const chain = (length: number): Table => ({
  ...table,
  decks: {
    ...table.decks,
    llm: {
      ...llm,
      aliases: Object.fromEntries(
        Array.from({ length }, (_, hop) => [`a${hop}`, hop === length - 1 ? "big" : `@a${hop + 1}`])
      )
    }
  }
})

describe("ModelTable.resolve", () => {
  const spellings: ReadonlyArray<readonly [written: ModelTable.Choice, handle: string, settings: object]> = [
    ["mini", "mini", { temperature: 0.5 }],
    ["handle:mini", "mini", { temperature: 0.5 }],
    ["@general", "mini", { temperature: 0.5 }],
    ["alias:general", "mini", { temperature: 0.5 }],
    ["general", "mini", { temperature: 0.5 }],
    ["@mini", "big", { temperature: 0.5 }],
    ["~best", "mini", { temperature: 0.5 }],
    ["waterfall:best", "mini", { temperature: 0.5 }],
    ["best", "mini", { temperature: 0.5 }],
    ["@chained", "mini", { temperature: 0.5 }],
    ["~nested", "mini", { temperature: 0.5 }],
    ["$factual", "mini", { temperature: 0.1, maxTokens: 9 }],
    ["preset:factual", "mini", { temperature: 0.1, maxTokens: 9 }],
    [{ model: "@general", temperature: 0.9 }, "mini", { temperature: 0.9 }],
    [{ model: "big" }, "big", {}]
  ]
  it.each(spellings)("reads %j as %s", (written, handle, settings) => {
    assert.deepStrictEqual(resolve(written), { handle, ...settings })
  })

  it("takes only the first of a waterfall when fallback is turned off", () => {
    const strict = { ...table, isFallbackEnabled: false }
    assert.deepStrictEqual(resolve("~best", strict), {
      _tag: "Unserved",
      family: "llm",
      model: "~best",
      handle: "gone"
    })
  })

  it("gives an image model the deck's quality unless a preset or the pipe says otherwise", () => {
    const painted = ModelTable.resolve(table, "img_gen", "painter")
    assert.deepStrictEqual(Result.isSuccess(painted) ? painted.success.settings : undefined, { quality: "medium" })
    const inline = ModelTable.resolve(table, "img_gen", { model: "painter", nbSteps: 4 })
    assert.deepStrictEqual(Result.isSuccess(inline) ? inline.success.settings : undefined, { nbSteps: 4 })
  })

  it("tells an unknown name, with close names of its own kind and its spelling under another sigil", () => {
    assert.deepStrictEqual(resolve("min"), {
      _tag: "Unknown",
      family: "llm",
      model: "min",
      suggestions: ["mini"],
      sigils: []
    })
    assert.deepStrictEqual(resolve("@genral"), {
      _tag: "Unknown",
      family: "llm",
      model: "@genral",
      suggestions: ["@general"],
      sigils: []
    })
    assert.deepStrictEqual(resolve("factual"), {
      _tag: "Unknown",
      family: "llm",
      model: "factual",
      suggestions: [],
      sigils: ["$factual"]
    })
    assert.deepStrictEqual(resolve("$best"), {
      _tag: "Unknown",
      family: "llm",
      model: "$best",
      suggestions: [],
      sigils: ["~best"]
    })
    assert.deepStrictEqual(resolve("@big"), {
      _tag: "Unknown",
      family: "llm",
      model: "@big",
      suggestions: [],
      sigils: ["big"]
    })
    assert.strictEqual(tag({ model: "gone", temperature: 0.3 }), "Unknown")
  })

  it("tells a known name that leads to nothing served, and who would serve it", () => {
    assert.deepStrictEqual(resolve("off"), {
      _tag: "Unserved",
      family: "llm",
      model: "off",
      handle: "off",
      backend: "ollama"
    })
    assert.deepStrictEqual(resolve("~only-off"), {
      _tag: "Unserved",
      family: "llm",
      model: "~only-off",
      handle: "off",
      backend: "ollama"
    })
    assert.deepStrictEqual(resolve("@broken"), { _tag: "Unserved", family: "llm", model: "@broken", handle: "gone" })
    assert.deepStrictEqual(resolve("$off"), {
      _tag: "Unserved",
      family: "llm",
      model: "$off",
      handle: "off",
      backend: "ollama"
    })
    assert.strictEqual(tag("~none"), "Unserved")
    assert.strictEqual(tag("$unplaced"), "Unserved")
  })

  it("tells a name served as something else, and a reference without a name", () => {
    assert.deepStrictEqual(resolve("painter"), {
      _tag: "WrongFamily",
      family: "llm",
      model: "painter",
      servedAs: ["img_gen"]
    })
    for (const written of ["", " ", "$", "@ ", "alias:", { model: "$factual" }, "$circular"]) {
      assert.strictEqual(tag(written), "Malformed", JSON.stringify(written))
    }
  })

  it("ends on circles and after eight hops", () => {
    assert.strictEqual(tag("@looped"), "Unserved")
    assert.deepStrictEqual(resolve("@a0", chain(8)), { handle: "big", temperature: 0.5 })
    assert.strictEqual("_tag" in resolve("@a0", chain(9)), true)
  })

  const name = Schema.Literals(["a", "b", "c", "d", "big", "x"])
  const reference = Schema.Union([
    name,
    Schema.TemplateLiteral(["@", name]),
    Schema.TemplateLiteral(["~", name]),
    Schema.TemplateLiteral(["$", name])
  ])
  it.effect.prop(
    "ends on any graph of aliases and waterfalls, with a served model or a fault",
    [Schema.Record(name, reference), Schema.Record(name, Schema.Array(reference)), reference],
    ([aliases, waterfalls, start]) =>
      Effect.sync(() => {
        const decks = { ...table.decks, llm: { ...empty, aliases, waterfalls } }
        const result = ModelTable.resolve({ ...table, decks }, "llm", start)
        if (Result.isSuccess(result)) assert.strictEqual(result.success.model.handle, "big")
        else assert.isNotEmpty(ModelTable.toIssue("p", ["model"], result.failure).message)
      })
  )

  it("does not walk a wide graph of waterfalls more than once", () => {
    const waterfalls = Object.fromEntries(
      Array.from({ length: 200 }, (_, from) => [`w${from}`, Array.from({ length: 200 }, (_unused, to) => `~w${to}`)])
    )
    assert.isTrue("_tag" in resolve("~w0", { ...table, decks: { ...table.decks, llm: { ...empty, waterfalls } } }))
  })

  it("is not misled by names of the prototype", () => {
    for (const written of ["constructor", "@constructor", "$toString", "~__proto__"]) {
      assert.strictEqual(tag(written), "Unknown")
    }
  })
})

describe("ModelTable.landing", () => {
  const landed = (choice: Parameters<typeof ModelTable.landing>[2]) => {
    const { ideal, model: { handle }, waterfall } = ModelTable.landing(table, "llm", choice) ?? assert.fail("none")
    return [waterfall, ideal, handle]
  }

  it("tells the waterfall that led past its first entry, the outer one of several", () => {
    assert.deepStrictEqual(landed("~best"), ["best", "gone", "mini"])
    assert.deepStrictEqual(landed("@chained"), ["best", "gone", "mini"])
    assert.deepStrictEqual(landed({ model: "fancy", temperature: 0.1 }), ["best", "gone", "mini"])
    assert.deepStrictEqual(landed("~nested"), ["nested", "~none", "mini"])
  })

  it("tells nothing of a way without one, or that leads nowhere", () => {
    for (const choice of ["mini", "@general", "$factual", "~none", "~no-such", ""]) {
      assert.isUndefined(ModelTable.landing(table, "llm", choice), choice)
    }
  })
})

describe("ModelTable.defaultChoice", () => {
  it("takes the override before the default, and lets one be disabled", () => {
    assert.strictEqual(ModelTable.defaultChoice(table, "llm", "object"), "big")
    assert.strictEqual(ModelTable.defaultChoice(table, "llm", "text"), "@general")
    assert.strictEqual(ModelTable.defaultChoice(table, "doc_gen", "pdf.layout"), "engine")
    assert.isUndefined(ModelTable.defaultChoice(table, "judgment", "default"))
  })
})

describe("ModelTable.otherReadings", () => {
  it("lists the references that a bare name may have been meant as", () => {
    assert.deepStrictEqual(ModelTable.otherReadings(table, "llm", "general"), ["@general"])
    assert.deepStrictEqual(ModelTable.otherReadings(table, "llm", "mini"), ["@mini"])
    assert.deepStrictEqual(ModelTable.otherReadings(table, "llm", "@mini"), [])
    assert.deepStrictEqual(ModelTable.otherReadings(table, "llm", "big"), [])
  })
})

const refused = (handle: string, settings: object) =>
  ModelTable.refusedSetting({
    model: model(handle, { thinking: handle === "thinker" ? "manual" : "none" }),
    settings
  })

describe("what a model cannot do", () => {
  it("is to reason when it does not think", () => {
    assert.strictEqual(refused("plain", { reasoningEffort: "high" }), "reasoning")
    assert.strictEqual(refused("plain", { reasoningBudget: 100 }), "reasoning")
    assert.strictEqual(refused("plain", { reasoningEffort: "none" }), "reasoning")
    assert.isUndefined(refused("thinker", { reasoningEffort: "high" }))
  })

  it("is to look at images or documents it does not take, or at too many", () => {
    const seer = model("seer", { inputs: ["text", "images", "pdf"], maxPromptImages: 2 })
    assert.strictEqual(ModelTable.refusedPrompt(model("plain"), 1, 0), "images")
    assert.strictEqual(ModelTable.refusedPrompt(model("plain"), 0, 1), "documents")
    assert.strictEqual(ModelTable.refusedPrompt(seer, 3, 0), "more than 2 images")
    assert.strictEqual(ModelTable.refusedPrompt(seer, 0, 1, ["docx"]), "documents")
    assert.isUndefined(ModelTable.refusedPrompt(seer, 2, 1))
    assert.isUndefined(ModelTable.refusedPrompt(model("plain"), 0, 0))
  })
})

const issue = (choice: ModelTable.Choice) => {
  const result = ModelTable.resolve(table, "llm", choice)
  return Result.isFailure(result) ? ModelTable.toIssue("tell", ["model"], result.failure) : assert.fail()
}

const reason = (choice: ModelTable.Choice) => {
  const result = ModelTable.resolve(table, "llm", choice)
  return Result.isFailure(result) ? ModelTable.toReason(result.failure) : assert.fail()
}

describe("a model fault", () => {
  it("becomes an issue at the pipe's key, with a message that names what was written and what was likely meant", () => {
    const unknown = issue("@genral")
    assert.deepStrictEqual([unknown.code, unknown.type, unknown.path.join("."), unknown.pipe], [
      "model.unknown",
      "unknown_model",
      "pipe.tell.model",
      "tell"
    ])
    assert.strictEqual(unknown.message, "there is no LLM alias called \"@genral\"; did you mean \"@general\"?")
    assert.deepStrictEqual(unknown.params, { model: "@genral", model_type: "llm", suggestions: ["@general"] })
    assert.include(issue("factual").message, "did you mean \"$factual\"?")
    assert.include(issue("off").message, "names an LLM that no enabled backend serves")
    assert.include(issue("off").fix ?? "", "\"ollama\" in inference/backends.toml")
    assert.include(issue("painter").message, "is served, but not as an LLM")
  })

  it("becomes the reason of a failed run", () => {
    assert.deepStrictEqual(
      (["@genral", "off", "painter", "$"] as const).map((choice) => reason(choice).code),
      ["model.unknown", "model.unavailable", "model.capability_unsupported", "model.unknown"]
    )
  })
})
