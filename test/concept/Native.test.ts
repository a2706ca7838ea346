import { assert, describe, it } from "@effect/vitest"
import { Concepts } from "../../src/concept/Concept.ts"
import { isNative, natives } from "../../src/concept/Native.ts"
import { mayHoldNothing } from "../../src/concept/Structure.ts"
import { read } from "./Sample.ts"

const concepts = Concepts.make([])

const required = (code: string): ReadonlyArray<string> =>
  (concepts.fields(`native.${code}`) ?? []).filter((field) => !mayHoldNothing(field)).map(({ name }) => name)

describe("the natives", () => {
  it("are the eighteen of the language, and nothing else", () => {
    assert.deepStrictEqual(natives.map(({ code }) => code).toSorted(), [
      "Anything",
      "Choice",
      "Composite",
      "Date",
      "Document",
      "Dynamic",
      "Html",
      "Image",
      "JSON",
      "Markdown",
      "Number",
      "Page",
      "Rating",
      "SearchResult",
      "Text",
      "TextAndImages",
      "Time",
      "YesNo"
    ])
    assert.isTrue(isNative("YesNo"))
    for (const code of ["PDF", "ImgGenPrompt", "constructor", "__proto__", "text"]) assert.isFalse(isNative(code))
  })

  it.for(
    [
      ["Text", ["text"]],
      ["Markdown", ["text"]],
      ["Number", ["number"]],
      ["YesNo", ["yes_no"]],
      ["Choice", ["choice"]],
      ["Rating", ["level"]],
      ["Date", ["date"]],
      ["Time", ["time"]],
      ["Image", ["url"]],
      ["Document", ["url"]],
      ["Html", ["inner_html"]],
      ["TextAndImages", []],
      ["Page", ["text_and_images"]],
      ["JSON", ["json_obj"]],
      ["SearchResult", ["answer", "sources"]]
    ] as const
  )("%s requires %j", ([code, names]) => assert.deepStrictEqual(required(code), [...names]))

  it("of which only Markdown refines another, and three are open", () => {
    assert.deepStrictEqual(natives.filter(({ refines }) => refines !== undefined).map(({ ref }) => ref), [
      "native.Markdown"
    ])
    const open = natives.filter(({ ref }) => concepts.fields(ref) === undefined).map(({ code }) => code)
    assert.deepStrictEqual(open, ["Composite", "Dynamic", "Anything"])
  })
})

describe("a native content", () => {
  it.for(
    [
      ["Number", { number: 42 }],
      ["Number", { number: -2.5 }],
      ["YesNo", { yes_no: true, probability: 0.5 }],
      ["Choice", { choice: "red", confidence: 1, probabilities: { red: 1, blue: 0 } }],
      ["Rating", { level: 0, label: null, confidence: null, probabilities: null, position: 0.5 }],
      ["Date", { date: "2024-02-29", time: "07:45:00+02:00" }],
      ["Time", { time: "15:40:00" }],
      ["JSON", { json_obj: { a: [1, null, { b: "c" }] } }],
      ["SearchResult", { answer: "Yes", sources: [] }]
    ] as const
  )(
    "%s keeps %j as it is",
    ([code, content]) => assert.deepStrictEqual(read(concepts, `native.${code}`, content), content)
  )

  it.for(
    [
      ["Text", { text: 1 }, "/text is not a string"],
      ["Number", { number: "42" }, "/number is not a number"],
      ["Number", { number: true }, "/number is not a number"],
      ["Number", { number: Number.NaN }, "/number is not a number"],
      ["Number", { number: Number.POSITIVE_INFINITY }, "/number is not a number"],
      ["YesNo", { yes_no: "true" }, "/yes_no is not a boolean"],
      ["YesNo", { yes_no: 1 }, "/yes_no is not a boolean"],
      ["YesNo", { yes_no: true, probability: 1.5 }, "/probability is not a number from 0 to 1"],
      ["YesNo", { yes_no: true, probability: "0.5" }, "/probability is not a number from 0 to 1"],
      ["Choice", { choice: "a", probabilities: { a: -1 } }, "/probabilities/a is not a number from 0 to 1"],
      ["Rating", { level: -1 }, "/level is not an integer of at least 0"],
      ["Rating", { level: 1.5 }, "/level is not an integer of at least 0"],
      ["Rating", { level: true }, "/level is not an integer of at least 0"],
      ["Rating", { level: 1, position: -0.5 }, "/position is not a number of at least 0"],
      ["Date", { date: "2026-07-07T10:00" }, "/date is not a date as YYYY-MM-DD"],
      ["Date", { date: "2026-02-30" }, "/date is not a date as YYYY-MM-DD"],
      ["Date", { date: "2023-02-29" }, "/date is not a date as YYYY-MM-DD"],
      ["Date", { date: 20_260_707 }, "/date is not a date as YYYY-MM-DD"],
      ["Time", { time: "24:00:00" }, "/time is not an ISO 8601 time"],
      ["Time", { time: 7 }, "/time is not an ISO 8601 time"],
      ["Image", { url: "x", width: 0, height: 1 }, "/width is not an integer above 0"],
      ["Image", { url: "x", width: 10 }, " has a width without a height, or the other way round"],
      ["Document", {}, "/url is missing"],
      ["JSON", { json_obj: [1] }, "/json_obj is not object"],
      ["SearchResult", { answer: "a", sources: [{}] }, "/sources/0/url is missing"]
    ] as const
  )(
    "%s refuses %j",
    ([code, content, fault]) => assert.deepStrictEqual(read(concepts, `native.${code}`, content), [fault])
  )

  it("fills what may hold nothing with null, and the sources of a search with none", () => {
    assert.deepStrictEqual(read(concepts, "native.YesNo", { yes_no: false }), { yes_no: false, probability: null })
    assert.deepStrictEqual(read(concepts, "native.TextAndImages", {}), { text: null, images: null, raw_html: null })
    assert.deepStrictEqual(read(concepts, "native.SearchResult", { answer: "No" }), { answer: "No", sources: [] })
  })
})
