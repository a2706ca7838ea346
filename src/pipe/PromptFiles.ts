import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Access from "../concept/Access.ts"
import type { Concepts } from "../concept/Concept.ts"
import { isObject, type JsonObject } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { FileRef } from "../program/Leaves.ts"
import * as FileRegistry from "../template/FileRegistry.ts"
import { issue, none } from "./Definition.ts"
import { name, type ParsedField } from "./TemplateField.ts"

/** A path in a prompt that leads to images or documents: they are attached, and their tokens stand in the text. */
export interface Attachment {
  readonly path: ReadonlyArray<string>
  readonly kind: "image" | "document"
  readonly plural: boolean
  readonly required: boolean
}

const shape = (slot: Slot.Slot) => ({ concept: slot.concept, plural: Slot.isPlural(slot) })

const kindOf = (concepts: Concepts, ref: string, depth: number): Attachment["kind"] | undefined =>
  concepts.isImage(ref) ? "image" : depth === 1 && concepts.isDocument(ref) ? "document" : undefined

/** Which reads of the templates attach files, in the order in which the files are shown. */
export const plan = (
  fields: ReadonlyArray<ParsedField>,
  inputs: ReadonlyMap<string, Slot.Slot>,
  concepts: Concepts
): ReadonlyArray<Attachment> => {
  const found = new Map<string, Attachment>()
  for (const { path } of fields.flatMap(({ reads }) => reads)) {
    const slot = inputs.get(path[0] ?? "")
    if (slot === undefined || found.has(path.join("."))) continue
    const end = Access.walk(concepts, shape(slot), path.slice(1))
    if (Result.isFailure(end)) continue
    const kind = kindOf(concepts, end.success.shape.concept, path.length)
    if (kind === undefined) continue
    found.set(path.join("."), {
      path,
      kind,
      plural: end.success.shape.plural,
      required: path.length === 1 && slot.presence !== "optional"
    })
  }
  return Array.from(found.values())
}

/** `with_images` is only for values that can hold images. */
export const check = (
  code: string,
  fields: ReadonlyArray<ParsedField>,
  inputs: ReadonlyMap<string, Slot.Slot>,
  concepts: Concepts
): ReadonlyArray<Issue> =>
  fields.flatMap((field) =>
    field.reads.filter(({ filters }) => filters.includes("with_images")).flatMap((read): ReadonlyArray<Issue> => {
      const slot = inputs.get(read.path[0] ?? "")
      if (slot === undefined) return none
      const end = Access.walk(concepts, shape(slot), read.path.slice(1))
      if (Result.isFailure(end) || concepts.holdsImages(end.success.shape.concept)) return none
      return [
        issue(
          code,
          field.path,
          "method.template_invalid",
          `${name(field)} of pipe "${code}" uses with_images on "${read.path.join(".")}", which holds no images`,
          {
            fix: "take the filter out",
            inner: { line: read.line, column: read.column }
          }
        )
      ]
    })
  )

/** Registers the files a prompt shows, so that their tokens can be printed. */
export const attach = (
  attachments: ReadonlyArray<Attachment>,
  memory: WorkingMemory.WorkingMemory
): Effect.Effect<FileRegistry.FileRegistry, PipeFailure> => {
  const registry = FileRegistry.make()
  for (const { kind, path, plural } of attachments) {
    const root = path[0] ?? ""
    const stuff = WorkingMemory.get(memory, root)
    if (stuff === undefined) continue
    const found = Access.value(stuff.content, path.slice(1))
    const value = Result.isSuccess(found) ? found.success : null
    const held: ReadonlyArray<unknown> = Array.isArray(value)
      ? value
      : isObject(value) && plural && Array.isArray(value["items"])
      ? value["items"]
      : [value]
    if (plural && held.length === 0) {
      return Effect.fail(fail(
        new Reason.InputInvalid({
          input: root,
          concept: stuff.concept,
          misfits: [{ pointer: "", reason: "is an empty list of files" }]
        }),
        { input: root }
      ))
    }
    for (const content of held) {
      if (!isObject(content)) continue
      if (kind === "image") registry.image(content)
      else registry.document(content)
    }
  }
  return Effect.succeed(registry)
}

/** A content of Image or Document as a leaf is told of it. */
export const fileRef = (content: JsonObject): FileRef => {
  const text = (key: string): string | undefined => typeof content[key] === "string" ? content[key] : undefined
  const mimeType = text("mime_type")
  const filename = text("filename")
  return {
    url: text("url") ?? "",
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(filename === undefined ? {} : { filename })
  }
}

export const refs = (registry: FileRegistry.FileRegistry): {
  readonly images: ReadonlyArray<FileRef>
  readonly documents: ReadonlyArray<FileRef>
} => {
  const { documents, images } = registry.registered()
  return { images: images.map(fileRef), documents: documents.map(fileRef) }
}
