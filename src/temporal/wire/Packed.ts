import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import { deflateSync, inflateSync, strFromU8, strToU8 } from "fflate"
import * as Foreign from "../../failure/Foreign.ts"
import type { SentEvent, SentEvents } from "./Payload.ts"

/**
 * What says much the same again and again, small: its JSON, deflated, in Base64. Events of workflows that have ended, which every workflow
 * hands on of all below it, a block as it came; and what a run obeys, which goes to every workflow of it.
 */

/** What events mostly say, so that few of them are small too. Part of the form: whoever changes it changes the payloads' version. */
const told = strToU8(
  `[{"at":1750000000000,"event":{"_tag":"Retry","path":"","attempt":1,"of":3,"delaySeconds":1,"why":""}},{"at":1750000000000,"event":{"_tag":"BatchStarted","path":[{"code":"main","ref":"main.main"}],"items":10}},{"at":1750000000000,"event":{"_tag":"PipeFailed","path":[{"code":"","ref":""}],"pipe":"","type":"PipeCompose","failure":{"_tag":"PipeFailure","reason":{"_tag":""},"location":{"pipe":"","path":[""]}}}},{"at":1750000000000,"event":{"_tag":"PipeStarted","path":[{"code":"main","ref":"main.main"},{"code":"main","ref":"main.main","index":0}],"pipe":"main","type":"PipeSequence","description":"","domain":"main","output":"Text","inputs":[{"name":"text","code":"","concept":"native.Text","plural":true}]}},{"at":1750000000000,"event":{"_tag":"PipeStarted","path":[{"code":"","ref":"","index":1}],"pipe":"","type":"PipeLLM","description":"","domain":"","output":"","inputs":[{"name":"","code":"","concept":"native.","plural":false}]}},{"at":1750000000000,"event":{"_tag":"LeafStarted","path":"/0-#0","leaf":"act_llm_gen_text","pipe":"","model":"gpt-"}},{"at":1750000000000,"event":{"_tag":"LeafFinished","path":"#0","leaf":"act_llm_gen_object","pipe":"","model":"claude-","usage":{"requests":1,"unmetered":0,"units":{"input_cached":0,"input_non_cached":100,"input":100,"output_reasoning":0,"output":10},"simulated":true}}},{"at":1750000000000,"event":{"_tag":"PipeFinished","path":[{"code":"","ref":"","index":0}],"pipe":"","type":"PipeLLM","skipped":false,"output":{"name":"","code":"","concept":"native.Text","plural":false}}},{"at":1750000000000,"event":{"_tag":"ItemFinished","path":[{"code":"","ref":""}],"index":0,"items":10}}]`
)

/** What inputs mostly say of what a run obeys; a part of the form too. */
const obeyed = strToU8(
  `{"models":{"models":[{"maxPromptImages":100,"handle":"claude-4.5-sonnet","family":"img_gen","backend":"anthropic","sdk":"anthropic","modelId":"claude-sonnet-4-5"},{"handle":"gpt-5","family":"llm","backend":"openai","sdk":"openai_responses","modelId":"gpt-4o-mini","inputs":["text","images","pdf"],"outputs":["text","structured"],"thinking":"manual","structureMethod":"instructor/openai_responses_tools","listedConstraints":[],"valuedConstraints":{"fixed_temperature":1},"maxTokens":"thinking":"none","costs":{"input":2,"output":12}}],"unserved":{},"lacking":{},"decks":{"llm":{"aliases":{"default-general":"gpt-"},"waterfalls":{},"presets":{},"defaults":{"text":"@default-general","object":"@default-general"},"overrides":{},"defaultTemperature":1}},"isFallbackEnabled":true},"functions":[],"routing":{"defaultQueue":"temporal_task_queue","baseline":{"startToCloseTimeout":600000,"heartbeatTimeout":5000,"retry":{"initialInterval":3000,"backoffCoefficient":2,"maximumInterval":"unlimited","maximumAttempts":3,"nonRetryableErrorTypes":["DryRunMockBuildError","DryRunObjectFidelityError","ExtractHandleNotFoundError","FileNotFoundError","ImgGenHandleNotFoundError","LLMHandleNotFoundError","ModelNotFoundError","ValidationError"]}},"activities":{"act_llm_gen_text":{"byHandle":{},"handleOptions":{}}},"queues":{}},"settings":{"maxConcurrency":8,"onItemFailure":"fail","pipeStackLimit":20,"structurePrompt":"\\n\\n---\\nThe instance we want to generate will be for the following class:\\n{{ class_structure_str }}\\n\\nDO NOT create information.\\nIf some information is not present for an attribute, output the default value or None according to the attribute definition.","structuringPrompt":"Read the text below carefully and produce the structured output that is asked for, from what it says alone.\\n\\n---\\n{{ text }}","isStructurePromptEnabled":true,"pageViewsDpi":72,"tagStyle":"xml","textFormat":"plain","imgGen":{"nbSteps":28,"quality":"low","aspectRatio":"square","guidanceScale":2.5,"background":"auto","isModerated":true,"safetyTolerance":5,"isRaw":false,"seed":"auto"}}}`
)

const packed = (from: string, dictionary: Uint8Array): string =>
  Base64.encode(deflateSync(strToU8(from), { dictionary }))

const unpacked = (block: string, dictionary: Uint8Array): unknown =>
  Base64.decode(block).pipe(
    Result.flatMap((bytes) => Result.try((): unknown => JSON.parse(strFromU8(inflateSync(bytes, { dictionary }))))),
    Result.getOrUndefined
  )

/** What a run obeys, as JSON. */
export const text = (from: string): string => packed(from, obeyed)

/** What was packed; undefined for what was not packed here. */
export const json = (block: unknown): unknown => typeof block === "string" ? unpacked(block, obeyed) : undefined

const isSent = (value: unknown): value is SentEvent =>
  typeof Foreign.valueAt(value, "at") === "number" &&
  Foreign.textAt(Foreign.valueAt(value, "event"), "_tag") !== undefined

/** The events of one workflow as a block, and the blocks of those below it. */
export const pack = (events: SentEvents): ReadonlyArray<string> => {
  const own = events.filter((event) => typeof event !== "string")
  const blocks = events.filter((event) => typeof event === "string")
  if (own.length === 0) return blocks
  return [packed(JSON.stringify(own), told), ...blocks]
}

/** Every event, those of blocks included. Events tell of a run, they do not decide it: what cannot be read is left out. */
export const unpack = (events: ReadonlyArray<unknown>): ReadonlyArray<SentEvent> =>
  events.flatMap((each) => {
    if (typeof each !== "string") return isSent(each) ? [each] : []
    const read = unpacked(each, told)
    return Array.isArray(read) ? read.filter(isSent) : []
  })
