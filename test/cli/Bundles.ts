/** Small methods for the tests of the programs. */
export const pitches = `domain = "pitches"
description = "Pitches and their reviews"
main_pipe = "pitch_and_review"

[concept.Pitch]
description = "A pitch"
refines = "Text"

[concept.Review]
description = "A review of a pitch"

[concept.Review.structure]
score = { type = "integer", description = "Out of ten", required = true }
comment = { type = "text", description = "Why", required = true }

[pipe.pitch_and_review]
type = "PipeSequence"
description = "Write a pitch, then review it"
inputs = { product = "Text" }
output = "Review"
steps = [
  { pipe = "write_pitch", result = "pitch" },
  { pipe = "review_pitch", result = "review" },
]

[pipe.write_pitch]
type = "PipeLLM"
description = "Write a pitch"
inputs = { product = "Text" }
output = "Pitch"
model = "gpt-4o-mini"
prompt = "Write a pitch for $product"

[pipe.review_pitch]
type = "PipeLLM"
description = "Review a pitch"
inputs = { pitch = "Pitch" }
output = "Review"
model = "gpt-4o-mini"
prompt = """
Review this pitch:
@pitch
"""
`

/** Composes a greeting: no model is asked. */
export const greeting = `domain = "greetings"
description = "Greetings"
main_pipe = "greet"

[pipe.greet]
type = "PipeCompose"
description = "Greet somebody"
inputs = { name = "Text" }
output = "Text"
template = "Hello $name!"
`

/** One input of the name that the greeting's output has nowhere. */
export const shout = `domain = "shouts"
description = "Shouting"
main_pipe = "shout"

[pipe.shout]
type = "PipeCompose"
description = "Shout it"
inputs = { line = "Text" }
output = "Text"
template = "$line $line"
`

/** One input of the name that the greeting's own input has. */
export const sameName = shout.replaceAll("line", "name").replaceAll("shouts", "others")

export const twoInputs = `domain = "letters"
description = "Letters"
main_pipe = "letter"

[pipe.letter]
type = "PipeCompose"
description = "A letter"
inputs = { name = "Text", place = "Text" }
output = "Text"
template = "$name of $place"
`

/** A declared pipe that is not written yet. */
export const pending = `${greeting}
[pipe.translate]
description = "Translate it"
inputs = { text = "Text" }
output = "Text"
`

/** A list of flat objects. */
export const table = `domain = "tables"
description = "Tables"
main_pipe = "list_people"

[concept.Person]
description = "A person"

[concept.Person.structure]
name = { type = "text", description = "Name", required = true }
age = { type = "integer", description = "Age", required = true }

[pipe.list_people]
type = "PipeLLM"
description = "List people"
inputs = { about = "Text" }
output = "Person[]"
model = "gpt-4o-mini"
prompt = "List people: $about"
`
