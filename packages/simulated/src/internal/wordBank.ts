/** The words of simulated answers, written for this project. No word stands in both lists, so that a pair is one thing only. */

const list = (words: string): ReadonlyArray<string> => words.trim().split(/\s+/)

/** The first word of what a point is called. */
export const kinds = list(`
  actual baseline bounded central clear common complete concrete constant critical current daily direct distinct
  early even exact final first fixed formal full general gradual hidden initial inner joint known lasting likely
  limiting linear local lower main measured minimal missing mutual narrow natural nearest normal open opposite
  outer overall partial plain precise previous primary private proper public rapid rare relative related relevant
  repeated secondary separate shared short simple single slow small social solid stable steady strict strong
  sudden tacit technical total typical uneven unique upper usual valid visible weak whole working written
`)

/** The second word of what a point is called. */
export const things = list(`
  account advantage agreement angle approach argument aspect assumption balance barrier boundary budget burden
  category cause change claim comparison condition connection consequence constraint context contrast cost
  criterion cycle deadline decision definition demand dependence detail difference dimension distance effect
  estimate evidence example exception expectation factor failure feedback figure focus framework function goal
  habit history impact incentive influence interest interval judgement layer level limit margin meaning measure
  mechanism method model moment motive need number objection obstacle opinion option order origin outcome pattern
  period phase position practice premise pressure principle priority problem process property proportion purpose
  quality quantity question range rate ratio reason reference relation remedy requirement resource response
  result reward risk role rule sample scale scope sequence setting shift signal size source standard step
  structure style supply symptom target term test theme threshold timing trade transition trend trigger value
  variable version view warning weight
`)

/** How a point is put: `#` is what it is called, `@` a word of the prompt. A true and a wrong one sound alike. */
export const statements: ReadonlyArray<string> = [
  'The # behind "@" decides most of it',
  'It helps to look at the # of "@" before anything else',
  'Without the #, "@" would mean something else',
  'For "@", the # matters more than it seems',
  'One should keep the # in mind wherever "@" comes up',
  'The # explains why "@" is mentioned at all',
  'A good test of "@" is the # that comes with it',
  'The # and "@" belong together here',
  'What follows from "@" is the #, and not the other way round',
  'Any use of "@" rests on the #'
]

/** Sentences that say nothing. */
export const padding: ReadonlyArray<string> = [
  "There is of course a great deal that could be said about this",
  "People have thought about matters like these for a long time",
  "It depends, as so often, on how one looks at it",
  "That being said, one may also see it in another light",
  "In the end everybody has to find what fits best",
  "This is an interesting question, and not an easy one",
  "To put it in other words, the point stands as it is",
  "Many sides of this deserve to be weighed with care"
]

/** Reasons in a judge's critique, from good to bad. */
export const critiques: ReadonlyArray<string> = [
  "Covers nearly everything that the task calls for, with little that is wrong.",
  "Covers most of what matters and stays correct for the greater part.",
  "Covers about half of what matters, and some of it is doubtful.",
  "Leaves out much of what matters and has mistakes.",
  "Says little that helps, or much that is wrong."
]

/** What a judge answers that does not judge. */
export const rubbish: ReadonlyArray<string> = [
  "All of these are wonderful and I enjoyed reading every one of them!",
  '{"ranking": [["the first one", "the other one"]], "confidence": "very"',
  "I would need more information to compare these.",
  '{"ranking":[["Z9"],["Z9"]],"critiques":[],"confidence":7}',
  "A > B? B > A? Hard to say, it depends on taste.",
  ""
]
