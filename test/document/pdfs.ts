/** Small PDF files made by hand, sound and hostile. */
import { Buffer } from "node:buffer"
import { deflateSync } from "node:zlib"

type Part = string | Buffer

/** Object 1 is the catalog. The cross-reference table is right, whatever the objects say. */
export const pdf = (objects: ReadonlyArray<Part>, header = "%PDF-1.7\n"): Uint8Array => {
  const parts: Array<Buffer> = [Buffer.from(header, "latin1")]
  const offsets: Array<number> = []
  let at = header.length
  const push = (part: Part): void => {
    const buffer = typeof part === "string" ? Buffer.from(part, "latin1") : part
    parts.push(buffer)
    at += buffer.length
  }
  objects.forEach((object, index) => {
    offsets.push(at)
    push(`${index + 1} 0 obj\n`)
    push(object)
    push("\nendobj\n")
  })
  const start = at
  push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`)
  for (const offset of offsets) push(`${String(offset).padStart(10, "0")} 00000 n \n`)
  push(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`)
  return new Uint8Array(Buffer.concat(parts))
}

export const stream = (dictionary: string, data: Part): Buffer => {
  const body = typeof data === "string" ? Buffer.from(data, "latin1") : data
  return Buffer.concat([
    Buffer.from(`<< ${dictionary} /Length ${body.length} >>\nstream\n`, "latin1"),
    body,
    Buffer.from("\nendstream", "latin1")
  ])
}

const flate = "/Filter /FlateDecode"
const fonts = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
const catalog = "<< /Type /Catalog /Pages 2 0 R >>"
const onePage = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"

const page = (
  { box = "0 0 612 792", extra = "", resources = "" }: { box?: string; extra?: string; resources?: string }
): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] /Contents 4 0 R ${extra} /Resources << ${fonts} ${resources} >> >>`

export const withContent = (content: Part, options: Parameters<typeof page>[0] = {}): Uint8Array =>
  pdf([catalog, onePage, page(options), Buffer.isBuffer(content) ? content : stream("", content)])

export const text = (line: string): Uint8Array => withContent(`BT /F1 12 Tf 72 700 Td (${line}) Tj ET`)

export const empty = pdf([catalog, "<< /Type /Pages /Kids [] /Count 0 >>"])

export const hugePage = withContent("", { box: "0 0 14400 14400" })

export const manyPages = (count: number): Uint8Array =>
  pdf([
    catalog,
    `<< /Type /Pages /Count ${count} /Kids [${"3 0 R ".repeat(count)}] >>`,
    page({}),
    stream("", "")
  ])

/** A page tree that promises a billion pages and holds itself. */
export const cyclicPages = pdf([catalog, "<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 1000000000 >>", page({}), "<< >>"])

export const deepArrays = withContent("[".repeat(2_000_000))

export const deepDictionary = pdf([catalog, onePage, page({ extra: `/A ${"<< /A [".repeat(300_000)}` }), "<< >>"])

export const selfDrawingForm = pdf([
  catalog,
  onePage,
  page({ resources: "/XObject << /X 5 0 R >>" }),
  stream("", "/X Do"),
  stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>", "/X Do /X Do")
])

/** A content stream of a quarter of a gigabyte, compressed twice into four kilobytes. */
export const streamBomb = (): Uint8Array => {
  const once = deflateSync(Buffer.alloc(256 * 1024 * 1024, "q "), { level: 1 })
  return withContent(stream("/Filter [/FlateDecode /FlateDecode]", deflateSync(once)))
}

export const imageBomb = (side: number): Uint8Array =>
  pdf([
    catalog,
    onePage,
    page({ resources: "/XObject << /X 5 0 R >>" }),
    stream("", "100 0 0 100 0 0 cm /X Do"),
    stream(
      `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 8 ${flate}`,
      deflateSync(Buffer.alloc(16))
    )
  ])

/** Draws one large image so many times. */
export const slow = (times: number): Uint8Array =>
  pdf([
    catalog,
    onePage,
    page({ resources: "/XObject << /X 5 0 R >>" }),
    stream("", Array.from({ length: times }, (_, index) => `q 600 0 0 ${700 + index} 0 0 cm /X Do Q`).join("\n")),
    stream(
      `/Type /XObject /Subtype /Image /Width 6000 /Height 6000 /ColorSpace /DeviceGray /BitsPerComponent 8 ${flate}`,
      deflateSync(Buffer.alloc(36_000_000, "ab"), { level: 1 })
    )
  ])

/** A grey gradient of the given size, once as is and once inside a form. */
export const withImages = (width: number, height: number): Uint8Array => {
  const pixels = Buffer.from(Array.from({ length: width * height * 3 }, (_, index) => index % 251))
  return pdf([
    catalog,
    onePage,
    page({ resources: "/XObject << /I 5 0 R /F 6 0 R >>" }),
    stream("", "q 50 0 0 50 0 0 cm /I Do Q /F Do"),
    stream(
      `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 ${flate}`,
      deflateSync(pixels)
    ),
    stream(
      "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /I 5 0 R >> >>",
      "q 50 0 0 50 100 100 cm /I Do Q"
    )
  ])
}
