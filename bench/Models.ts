import type { Deck, ModelTable } from "../src/program/Models.ts"

const deck: Deck = { aliases: {}, waterfalls: {}, presets: {}, defaults: {}, overrides: {} }

/** One model that answers texts and objects: benchmarks measure the runtime, not the deck. */
export const simulatedModels: ModelTable = {
  models: [{
    handle: "bench",
    family: "llm",
    backend: "bench",
    sdk: "bench",
    modelId: "bench",
    inputs: ["text"],
    outputs: ["text", "structured"],
    thinking: "none"
  }],
  unserved: {},
  decks: {
    llm: { ...deck, defaults: { text: "bench", object: "bench" }, defaultTemperature: 0.5 },
    text_extractor: deck,
    img_gen: deck,
    search: deck,
    doc_gen: deck,
    judgment: deck
  },
  isFallbackEnabled: true
}
