import type { Issue } from "../failure/Issue.ts"
import type { CompiledPipe } from "../program/PipeRunner.ts"
import type { Definition, FileContext, PipeReference, Surroundings } from "./Definition.ts"
import type { Header } from "./Header.ts"
import * as PipeBatch from "./PipeBatch.ts"
import * as PipeCompose from "./PipeCompose.ts"
import * as PipeCondition from "./PipeCondition.ts"
import * as PipeDocGen from "./PipeDocGen.ts"
import * as PipeExtract from "./PipeExtract.ts"
import * as PipeFunc from "./PipeFunc.ts"
import * as PipeImgGen from "./PipeImgGen.ts"
import * as PipeJudge from "./PipeJudge.ts"
import * as PipeLLM from "./PipeLLM.ts"
import * as PipeParallel from "./PipeParallel.ts"
import * as PipeSearch from "./PipeSearch.ts"
import * as PipeSequence from "./PipeSequence.ts"
import * as PipeSignature from "./PipeSignature.ts"
import * as PipeStructure from "./PipeStructure.ts"

/** Every pipe type there is: its blueprint, its rules and its compiler. Adding one is adding a file and a line here. */
export const kinds = {
  PipeLLM,
  PipeStructure,
  PipeImgGen,
  PipeExtract,
  PipeSearch,
  PipeCompose,
  PipeFunc,
  PipeJudge,
  PipeDocGen,
  PipeSequence,
  PipeParallel,
  PipeCondition,
  PipeBatch,
  PipeSignature
}

export type PipeType = keyof typeof kinds
export type Blueprint = InstanceType<(typeof kinds)[PipeType]["Blueprint"]>

export const isPipeType = (name: string): name is PipeType => Object.hasOwn(kinds, name)

/** Any row of the table. Methods, because a row takes its own blueprints only, and `kindOf` gives it no others. */
interface AnyKind {
  validate(code: string, blueprint: Header, context: FileContext): ReadonlyArray<Issue>
  check(definition: Definition, surroundings: Surroundings): ReadonlyArray<Issue>
  references(blueprint: Header): ReadonlyArray<PipeReference>
  compile(definition: Definition, surroundings: Surroundings): CompiledPipe
}

/** The kind of a blueprint. Without a type it is a contract, which is what a signature is. */
const kindOf = ({ type }: Header): AnyKind => kinds[isPipeType(type) ? type : "PipeSignature"]

export const validate = (code: string, blueprint: Header, context: FileContext): ReadonlyArray<Issue> =>
  kindOf(blueprint).validate(code, blueprint, context)

export const check = (definition: Definition, surroundings: Surroundings): ReadonlyArray<Issue> =>
  kindOf(definition.blueprint).check(definition, surroundings)

export const references = (blueprint: Header): ReadonlyArray<PipeReference> => kindOf(blueprint).references(blueprint)

export const compile = (definition: Definition, surroundings: Surroundings): CompiledPipe =>
  kindOf(definition.blueprint).compile(definition, surroundings)
