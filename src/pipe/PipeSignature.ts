import * as Schema from "effect/Schema"
import * as Reason from "../failure/Reason.ts"
import { type Kind, none } from "./Definition.ts"
import { header } from "./Header.ts"
import { dryOnly } from "./Mocked.ts"

/** A contract without an implementation. A file writes it by leaving `type` out. */
export class Blueprint extends Schema.Class<Blueprint>("PipeSignature.Blueprint")({
  type: Schema.tag("PipeSignature"),
  ...header,
  signature_for: Schema.optionalKey(Schema.Literals([
    "PipeLLM",
    "PipeStructure",
    "PipeImgGen",
    "PipeExtract",
    "PipeSearch",
    "PipeCompose",
    "PipeFunc",
    "PipeJudge",
    "PipeDocGen",
    "PipeSequence",
    "PipeParallel",
    "PipeCondition",
    "PipeBatch"
  ]))
}) {}

export const validate: Kind<Blueprint>["validate"] = () => none
export const check: Kind<Blueprint>["check"] = () => none
export const references: Kind<Blueprint>["references"] = () => none

export const compile: Kind<Blueprint>["compile"] = (definition, { concepts }) =>
  dryOnly(
    definition,
    concepts,
    new Reason.NotRunnable({ signature: definition.ref })
  )
