/**
 * Where a text stops being JSON. The host's own parser decides; this finds the place without quoting the text, which may be private.
 */
export interface JsonFault {
  readonly offset: number
  readonly problem: string
}

const space = /[ \t\n\r]*/y
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y
// eslint-disable-next-line no-control-regex -- JSON forbids them in strings
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y

type Expected = "value" | "key" | "colon" | "separator" | "nothing"

const wanted: Readonly<Record<Expected, string>> = {
  value: "a value is expected",
  key: "a name in double quotes is expected",
  colon: "\":\" is expected",
  separator: "\",\" or the closing bracket is expected",
  nothing: "nothing more is expected"
}

/** The first fault; nothing when the text is JSON. Linear, without recursion. */
export const find = (text: string): JsonFault | undefined => {
  const open: Array<"[" | "{"> = []
  let expected: Expected = "value"
  let mayClose = false
  let at = 0
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    if (!pattern.test(text)) return false
    at = pattern.lastIndex
    return true
  }
  const after = (): Expected => open.length === 0 ? "nothing" : "separator"
  for (;;) {
    take(space)
    const character = text[at]
    if (character === undefined) {
      return expected === "nothing"
        ? undefined
        : { offset: at, problem: `the text ends where ${wanted[expected]}`.replace(" is expected", " should follow") }
    }
    const within = open.at(-1)
    if ((mayClose || expected === "separator") && character === (within === "{" ? "}" : within === "[" ? "]" : "")) {
      open.pop()
      at += 1
      expected = after()
      mayClose = false
      continue
    }
    mayClose = false
    if (expected === "value" && (character === "{" || character === "[")) {
      open.push(character)
      at += 1
      expected = character === "{" ? "key" : "value"
      mayClose = true
    } else if (expected === "value" && (take(string) || take(scalar))) expected = after()
    else if (expected === "key" && take(string)) expected = "colon"
    else if (expected === "colon" && character === ":") {
      at += 1
      expected = "value"
    } else if (expected === "separator" && character === ",") {
      at += 1
      expected = within === "{" ? "key" : "value"
    } else {return {
        offset: at,
        problem: character === "\"" && expected !== "colon"
          ? "the string is not closed, or holds a character that must be escaped"
          : wanted[expected]
      }}
  }
}
