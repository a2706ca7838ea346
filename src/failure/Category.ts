import * as Schema from "effect/Schema"

/** What kind of thing went wrong in an inference leaf. Only `transient` is worth repeating unchanged. */
export const Category = Schema.Literals(["transient", "configuration", "content", "capacity", "ambiguous", "unknown"])
export type Category = typeof Category.Type

export const retryable = (category: Category): boolean => category === "transient"

/** Whose business a failure is: the caller's input, the method's text, the account, the installation, or the run itself. */
export const Domain = Schema.Literals(["input", "method", "account", "operator", "runtime"])
export type Domain = typeof Domain.Type

/** The registry's advice on starting again; the runtime itself repeats by `Category` alone. */
export const RetryVerdict = Schema.Literals(["no", "yes", "outcome_unknown"])
export type RetryVerdict = typeof RetryVerdict.Type

/** What a reader of the failure can do about it. */
export const ActionKind = Schema.Literals([
  "wait_and_retry",
  "check_billing",
  "check_credentials",
  "change_input",
  "change_method",
  "change_model",
  "fix_configuration",
  "contact_support",
  "unknown"
])
export type ActionKind = typeof ActionKind.Type

export const Action = Schema.Struct({ kind: ActionKind, detail: Schema.String })
export type Action = typeof Action.Type
