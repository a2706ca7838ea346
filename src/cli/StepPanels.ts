import * as Effect from "effect/Effect"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { isController } from "../program/Controllers.ts"
import type { CompiledPipe, Method } from "../program/PipeRunner.ts"
import * as OutputPanel from "./OutputPanel.ts"
import type { Streams } from "./Streams.ts"
import type { Watch } from "./Watch.ts"

/** A method whose operator pipes show what they made, as soon as they made it. */
export const showing = (
  method: Method,
  streams: Streams["Service"],
  { print }: Watch,
  isMadeUp: (type: string) => boolean
): Method => {
  const show = (pipe: CompiledPipe) => (memory: WorkingMemory.WorkingMemory) =>
    Effect.sync(() => {
      const stuff = WorkingMemory.get(memory, WorkingMemory.main)
      if (stuff === undefined || streams.audience.reader === "program") return
      const isSimulated = isMadeUp(pipe.type)
      print(
        OutputPanel.lines(pipe.code, stuff, stuff.content, { ...streams.out, title: "Output of pipe", isSimulated })
      )
    })
  const shown = (pipe: CompiledPipe): CompiledPipe =>
    isController(pipe.type) ? pipe : { ...pipe, run: (call) => Effect.tap(pipe.run(call), show(pipe)) }
  return {
    concepts: method.concepts,
    pipe: (ref) => {
      const pipe = method.pipe(ref)
      return pipe === undefined ? undefined : shown(pipe)
    }
  }
}
