import { assert, describe, it } from "@effect/vitest"
import { toHtml } from "../../src/template/Markdown.ts"

/** Processor time of this thread only, so that a busy machine does not matter. */
const seconds = (): number => {
  const { system, user } = process.threadCpuUsage()
  return (system + user) / 1e6
}

describe("Markdown.toHtml", () => {
  it.each([
    ["# Title #", "<h1>Title</h1>\n"],
    ["a *b* **c** `d<`", "<p>a <em>b</em> <strong>c</strong> <code>d&lt;</code></p>\n"],
    ["snake_case_name", "<p>snake_case_name</p>\n"],
    ["- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"],
    ["2. a\n3. b", "<ol start=\"2\">\n<li>a</li>\n<li>b</li>\n</ol>\n"],
    ["> q", "<blockquote>\n<p>q</p>\n</blockquote>\n"],
    ["```ts\na < b\n```", "<pre><code class=\"language-ts\">a &lt; b\n</code></pre>\n"],
    ["a\n\n---\n\nb", "<p>a</p>\n<hr />\n<p>b</p>\n"],
    ["Title\n=====", "<h1>Title</h1>\n"],
    ["![i](https://x.y/z.png)", "<p><img src=\"https://x.y/z.png\" alt=\"i\" /></p>\n"]
  ])("turns %j into HTML", (source, expected) => assert.strictEqual(toHtml(source), expected))

  it("shows raw HTML as text, and links only to addresses that run nothing", () => {
    assert.strictEqual(toHtml("<b onclick=x>"), "<p>&lt;b onclick=x&gt;</p>\n")
    assert.strictEqual(
      toHtml("[a](https://x.y) [b](javascript:x) [c](/d)"),
      "<p><a href=\"https://x.y\">a</a> [b](javascript:x) <a href=\"/d\">c</a></p>\n"
    )
  })

  it.each(["[", "*a ", "`", "> ", "- ", "(", "<a:", "![](", "**", "_", "| a ", "#", "\\"])(
    "takes linear time for a long run of %j",
    (piece) => {
      const started = seconds()
      toHtml(piece.repeat(20_000))
      toHtml(`${piece}\n`.repeat(5_000))
      assert.isBelow(seconds() - started, 1)
    }
  )
})
