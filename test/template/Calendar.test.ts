import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Calendar from "../../src/template/Calendar.ts"
import * as Template from "../../src/template/Template.ts"

const render = (source: string): Result.Result<string, unknown> => {
  const values = {
    day: Calendar.make("date", "2026-03-04") ?? null,
    at: Calendar.make("datetime", "2026-03-04T05:06:07Z") ?? null,
    local: Calendar.make("datetime", "2024-12-30T23:59:59.25") ?? null,
    clock: Calendar.make("time", "15:40:00+02:00") ?? null
  }
  return Result.flatMap(
    Template.parse(source, { category: "llm_prompt" }),
    (template) => Template.render(template, values, { tagStyle: "xml", textFormat: "plain" })
  )
}

describe("dates and times in a template", () => {
  it.each([
    [
      "{{ day }} {{ at }} {{ local }} {{ clock }}",
      "2026-03-04 2026-03-04 05:06:07+00:00 2024-12-30 23:59:59.250000 15:40:00+02:00"
    ],
    ["{{ day.year }}-{{ day.month }}-{{ day.day }} {{ at.hour }}:{{ at.minute }} {{ day.hour }}", "2026-3-4 5:6 "],
    [
      "{{ day.isoformat() }} {{ at.isoformat() }} {{ at.isoformat(' ', 'minutes') }}",
      "2026-03-04 2026-03-04T05:06:07+00:00 2026-03-04 05:06+00:00"
    ],
    [
      "{{ day.strftime('%A %d %B %Y, %b %a %j %U %W %y %-d %e') }}",
      "Wednesday 04 March 2026, Mar Wed 063 09 09 26 4  4"
    ],
    ["{{ at.strftime('%H:%M:%S %I %p %f %z %Z %%') }}", "05:06:07 05 AM 000000 +0000 UTC %"],
    ["{{ local.strftime('%G-W%V-%u') }}", "2025-W01-1"],
    ["{{ day.weekday() }} {{ day.isoweekday() }} {{ at.date() }} {{ at.time() }}", "2 3 2026-03-04 05:06:07"],
    ["{{ day == at.date() }} {{ day < day }} {{ local < at }} {{ day == '2026-03-04' }}", "True False True False"],
    [
      "{{ day ~ '!' }} {{ day|replace('-', '/') }} {{ (day|string)[:4] }} {{ day is string }}",
      "2026-03-04! 2026/03/04 2026 False"
    ],
    ["@day", "<day>\n2026-03-04\n</day>"]
  ])("%s", (source, expected) => assert.deepStrictEqual(render(source), Result.succeed(expected)))

  it.each(["{{ day + 1 }}", "{{ day|length }}", "{{ day > '2026' }}", "{{ day.today() }}", "{{ day.__class__ }}"])(
    "%s is refused",
    (source) => assert.isTrue(Result.isFailure(render(source)))
  )
})
