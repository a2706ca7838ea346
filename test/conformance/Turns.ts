/** What a re-ask adds to a conversation: the answer that did not fit, and what was wrong with it (`resilience.md` §4). */
import type { Message, Part, Request } from "../fake/Request.ts"
import { type Difference, first } from "./Difference.ts"

/** A message as `role: part types`. */
const shown = ({ parts, role }: Message): string => {
  const types = Array.from(new Set(parts.map(({ type }: Part) => type)))
  return `${role}: ${types.join("+") || "nothing"}`
}

const shape = (messages: ReadonlyArray<Message>): ReadonlyArray<string> =>
  messages.slice(messages.findIndex(({ role }) => role === "user") + 1).map(shown)

const text = /^(?:reasoning: reasoning \| )?assistant: (?:(?:thinking|reasoning)\+)?text \| user: text$/

/** One round of a re-ask per mechanism. An answer without the call that was asked for has no id to reply to: the user says so. */
const rounds: Readonly<Record<string, RegExp>> = {
  "anthropic_messages tool": /^assistant: (?:\w+\+)*tool_use \| user: tool_result$|^assistant: .*text \| user: text$/,
  "openai_chat tool": /^assistant: (?:text\+)?tool_call \| tool: text$|^assistant: text \| user: text$/,
  "openai_responses tool":
    /^(?:reasoning: reasoning \| )?function_call: function_call \| function_call_output: function_call_output$|^assistant: text \| user: text$/
}

const isEnd = /^(?:user|tool|function_call_output):/

const split = (shapes: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found: Array<string> = []
  let open: Array<string> = []
  for (const each of shapes) {
    open.push(each)
    if (!isEnd.test(each)) continue
    found.push(open.join(" | "))
    open = []
  }
  return open.length === 0 ? found : [...found, open.join(" | ")]
}

/** The recorded turns, where the same mechanism was used; else what the specification says of ours. */
export const compare = (at: string, recorded: ReadonlyArray<Message>, ours: Request): Difference => {
  const mode = ours.structured?.mode
  const wanted = rounds[`${ours.api} ${mode}`] ?? text
  const own = shape(ours.messages)
  const isSame = ours.api === "anthropic_messages" && mode === "tool"
  const exact = isSame && shape(recorded).join(" | ") !== own.join(" | ")
    ? `${at} turns: recorded ${shape(recorded).join(" | ")}, ours ${own.join(" | ")}`
    : undefined
  return first([
    exact,
    ...split(own).map((round) =>
      wanted.test(round) ? undefined : `${at} turns: ${ours.api} in mode ${mode} adds ${round}`
    )
  ])
}
