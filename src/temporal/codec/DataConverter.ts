import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type { DataConverter, StorageDriver, StorageDriverSelector } from "@temporalio/common"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { TemporalAccess } from "../../config/TemporalAccess.ts"
import { workflows } from "../wire/Names.ts"
import * as PayloadBytes from "./PayloadBytes.ts"

/** Payloads between workflows go to the storage from this part of the threshold on. */
const sharedPart = 8

/**
 * Whether a payload goes from one workflow of a run to another: the start of a child, which is of no execution yet, or the answer to a
 * parent, whose type is not known. All of a batch's stay in the history of one parent, so that they have to be smaller.
 */
const isBetween = ({ target }: Parameters<StorageDriverSelector>[0]): boolean =>
  target?.kind === "workflow" &&
  (target.type === undefined ||
    (target.runId === undefined && (target.type === workflows.pipe || target.type === workflows.shard)))

/** Where a payload that is large enough for it goes. */
const selecting = (store: StorageDriver, threshold: number): StorageDriverSelector => (context, payload) =>
  isBetween(context) || PayloadBytes.encode(payload).length >= threshold ? store : null

/**
 * How values become payloads, for workers and clients alike: whoever connects takes it from here, so that both sides always agree. Plain
 * JSON, as the SDK writes it; then encrypted, where that is configured; then, when large, put into storage. In this order neither the
 * server nor the store ever holds what an encrypted payload says. All of it happens outside of the isolate that workflows run in.
 */
export const make = Effect.fn("DataConverter.make")(
  function*(
    { base = ".", encryptionKeys, options: { payloadCodec } }: Pick<
      TemporalAccess,
      "base" | "options" | "encryptionKeys"
    >
  ) {
    const [{ ExternalStorage }, Encryption, PayloadStore] = yield* Effect.promise(() =>
      Promise.all([import("@temporalio/common"), import("./Encryption.ts"), import("./PayloadStore.ts")])
    )
    const { encryption, isEnabled, sizeThreshold } = payloadCodec
    // Where nothing is put into storage any more, what was put there before is still read.
    const opened = PayloadStore.open(payloadCodec, base)
    const store = yield* isEnabled ? Effect.asSome(opened) : Effect.option(opened)
    const converter: DataConverter = {
      payloadCodecs: [
        Encryption.codec({ keys: encryptionKeys, ...(encryption.isEnabled ? { keyId: encryption.keyId } : {}) })
      ],
      ...(Option.isNone(store) ? {} : {
        externalStorage: new ExternalStorage({
          drivers: [store.value],
          driverSelector: isEnabled ? selecting(store.value, sizeThreshold) : () => null,
          payloadSizeThreshold: Math.ceil(sizeThreshold / sharedPart)
        })
      })
    }
    return converter
  },
  Effect.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer))
)
