import { escapeHtml } from "../concept/Render.ts"

/** One page that shows a content in its three forms. Whatever HTML the content holds is shown in a frame that may run nothing. */
export const page = (
  title: string,
  forms: { readonly html: string; readonly markdown: string; readonly json: string },
  note?: string
): string =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1b1b; background: #fff }
iframe { width: 100%; height: 70vh; border: 1px solid #ccc; border-radius: 6px }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: 1rem; border-radius: 6px }
summary { cursor: pointer; font-weight: 600; margin: 1rem 0 .5rem }
.note { background: #fff4d6; padding: .5rem 1rem; border-radius: 6px }
</style>
<h1>${escapeHtml(title)}</h1>
${note === undefined ? "" : `<p class="note">${escapeHtml(note)}</p>\n`}<details open><summary>Shown</summary>
<iframe sandbox title="The content" srcdoc="${
    escapeHtml(
      `<meta charset="utf-8"><style>body{font:15px/1.5 system-ui,sans-serif}table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}img{max-width:100%}</style>${forms.html}`
    )
  }"></iframe></details>
<details><summary>Markdown</summary><pre>${escapeHtml(forms.markdown)}</pre></details>
<details><summary>JSON</summary><pre>${escapeHtml(forms.json)}</pre></details>
</html>
`
